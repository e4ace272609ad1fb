//! The fields of a kind as data: what lists filter by, count by and show.

use crate::model::vocabularies::VocabularyTable;

/// How the value at a field's path is read, stored and compared.
#[derive(Clone, Copy, Debug)]
pub enum FieldType {
    /// Text, equal to the letter.
    Text,
    /// A coded value: its code.
    Coded(&'static VocabularyTable),
    /// A historical date: first and last possible day.
    Date,
    Boolean,
    /// Whether the place holds anything.
    Present,
    /// Number of items.
    Count,
    /// A personal name: its folded words.
    Name,
    /// Any text, or all texts of a part: their folded words.
    Words,
    /// An article of a penal code as a document writes it: its forms, general and special.
    Article,
    /// Time between two dates, as little and as much as it may be.
    Span(Span),
    /// Number of the sources that the body cites.
    CitedSources,
    /// Claims that are not certain.
    Certainty,
    /// Claims that are preferred or wrong.
    Rank,
}

/// Two dates of a body.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Dotted path of the earlier one.
    pub from: &'static str,
    pub to: &'static str,
    pub unit: SpanUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanUnit {
    Days,
    /// Completed years.
    Years,
}

/// One field of the projection.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name of the column, the query parameter and the facet.
    pub name: &'static str,
    /// Dotted path from the root of the body; lists and claims on the way are entered. Several paths are separated by `|`;
    /// a field that is derived from the body as a whole has none.
    pub path: &'static str,
    pub field_type: FieldType,
    /// Many values go to the shared table of facts, a single one to a column of the kind's own table.
    pub many: bool,
    /// Shown in summaries.
    pub in_summary: bool,
    /// Can be counted by.
    pub is_facet: bool,
    pub description: &'static str,
}

impl Field {
    /// A field with one value: that of the best claim.
    pub const fn one(name: &'static str, path: &'static str, field_type: FieldType, description: &'static str) -> Self {
        Self { name, path, field_type, many: false, in_summary: false, is_facet: false, description }
    }

    /// The time between two dates.
    pub const fn span(
        name: &'static str,
        from: &'static str,
        to: &'static str,
        unit: SpanUnit,
        description: &'static str,
    ) -> Self {
        Self::one(name, "", FieldType::Span(Span { from, to, unit }), description)
    }

    /// How many sources the entry cites; every kind has it.
    pub const SOURCE_COUNT: Field = Field::one("source_count", "", FieldType::CitedSources, "Number of sources cited");
    /// Which claims are not certain; every kind has it.
    pub const CERTAINTY: Field = Field::many("certainty", "", FieldType::Certainty, "A claim is probable or disputed");
    /// Which claims are preferred to others, or wrong; every kind has it.
    pub const RANK: Field = Field::many("rank", "", FieldType::Rank, "A claim is preferred to others, or deprecated");

    /// A field with any number of values: those of all claims that are not deprecated.
    pub const fn many(
        name: &'static str,
        path: &'static str,
        field_type: FieldType,
        description: &'static str,
    ) -> Self {
        Self { name, path, field_type, many: true, in_summary: false, is_facet: false, description }
    }

    /// The paths, each in its steps.
    pub fn paths(&self) -> impl Iterator<Item = Vec<&'static str>> {
        self.path.split('|').map(|path| path.split('.').collect())
    }

    pub const fn summary(mut self) -> Self {
        self.in_summary = true;
        self
    }

    pub const fn facet(mut self) -> Self {
        self.is_facet = true;
        self
    }
}
