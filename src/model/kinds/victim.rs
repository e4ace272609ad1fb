//! Kind `victim`: the record of one repression case, of a named individual or of a group with estimates of its size.

use serde_json::json;

mod checks;
mod fields;
mod linked;

use super::{Field, Kind, ReferenceRule, label_with_years};
use crate::model::{
    checks::CheckRules,
    errors::{FieldCode, FieldErrors},
    linked_data::LinkedData,
    parts::{
        ArchiveReference, Attachment, Claim, Coded, ExternalId, HistoricalDate, Life, LocalizedText, Name, Place,
        Reference, claim,
        penalty::{Article, Rehabilitation, Sentence, SentenceChange},
    },
    record::record,
    vocabularies::{person, repression as vocab},
};

record! {
    /// The record of one repression case: of one named individual (`names` or `person`), or of a `group`.
    Victim;
    optional {
        /// The person entry this individual is identified with.
        person: Vec<Claim<Reference>>,
        /// Names as the papers of the case give them.
        names: Vec<Claim<Name>>,
        /// What the papers of the case say of the person's life.
        life: Option<Life>,
        /// Instead of an individual: people counted together.
        group: Option<Group>,
        repression_type: Vec<Claim<Coded<vocab::RepressionType>>>,
        /// The operational order or campaign the case belongs to.
        operation: Vec<Claim<Coded<vocab::Operation>>>,
        arrest: Option<Arrest>,
        investigation: Option<Investigation>,
        accusation: Vec<Claim<String>>,
        articles: Vec<Claim<Article>>,
        list_mentions: Vec<Claim<ListMention>>,
        /// The trial that dealt with the case.
        trial: Vec<Claim<Reference>>,
        sentencing: Option<Sentencing>,
        sentence: Vec<Claim<Sentence>>,
        sentence_changes: Vec<Claim<SentenceChange>>,
        execution: Option<Execution>,
        detention: Vec<Claim<Detention>>,
        release: Option<Release>,
        rehabilitation: Vec<Claim<Rehabilitation>>,
        earlier_repressions: Vec<Claim<Reference>>,
        later_repressions: Vec<Claim<Reference>>,
        co_defendants: Vec<Claim<Reference>>,
        /// Name of the group case the record belongs to.
        group_case: Vec<Claim<String>>,
        archive_references: Vec<Claim<ArchiveReference>>,
        memory_books: Vec<Claim<MemoryBookReference>>,
        /// Who bore witness for the victim.
        testimonies: Vec<Claim<Testimony>>,
        summary: LocalizedText,
        images: Vec<Attachment>,
        external_ids: Vec<ExternalId>,
        /// The collection or campaign the record came from.
        collection: Option<String>,
        tags: Vec<String>,
    }
}

record! {
    /// People counted together.
    Group;
    required {
        title: LocalizedText,
    }
    optional {
        period: Vec<Claim<HistoricalDate>>,
        territory: Vec<Claim<Place>>,
        /// Figures, each with its measure and its source; they may contradict each other.
        estimates: Vec<Claim<Estimate>>,
    }
}

record! {
    /// A figure, or a range of figures.
    Estimate rule low_before_high;
    required {
        measure: Coded<vocab::GroupMeasure>,
        low: u64,
    }
    optional {
        /// Equal to `low` for a single figure; absent when open upwards (`at least low`).
        high: Option<u64>,
        /// `about`, `some` in the source.
        approximate: Option<bool>,
        period: Option<HistoricalDate>,
        /// Whose estimate it is.
        by: Option<Reference>,
        /// What the figure covers and leaves out.
        scope: Option<String>,
    }
}

fn low_before_high(e: Estimate, at: deserr::ValuePointerRef) -> Result<Estimate, FieldErrors> {
    if e.high.is_some_and(|high| high < e.low) {
        let pointer = format!("{}/high", crate::model::errors::pointer_of(at));
        return Err(FieldErrors::one(pointer, FieldCode::InvalidValue, "high is smaller than low."));
    }
    Ok(e)
}

record! {
    Arrest;
    optional {
        date: Vec<Claim<HistoricalDate>>,
        place: Vec<Claim<Place>>,
        body: Vec<Claim<Coded<vocab::ArrestingBody>>>,
        officer: Vec<Claim<Reference>>,
        preventive_measure: Vec<Claim<Coded<vocab::PreventiveMeasure>>>,
        search: Vec<Claim<String>>,
    }
}

record! {
    Investigation;
    optional {
        file: Vec<Claim<ArchiveReference>>,
        investigators: Vec<Claim<Reference>>,
        interrogations: Vec<Claim<Interrogation>>,
    }
}

record! {
    Interrogation;
    optional {
        date: Option<HistoricalDate>,
        investigator: Option<Reference>,
        text: Option<String>,
    }
}

record! {
    /// A row on a page of a list: not the person, but the person's mention.
    ListMention;
    required {
        /// The list, as a source.
        list: Reference,
    }
    optional {
        category: Option<Coded<vocab::ListCategory>>,
        /// The heading the row stands under.
        section: Option<String>,
        page: Option<String>,
        row: Option<u64>,
        /// The number before the name.
        number: Option<String>,
        name_as_written: Option<String>,
        signatories: Vec<Reference>,
        /// Marks in the margin.
        marks: Vec<String>,
        struck_out: Option<bool>,
        underlined: Option<bool>,
    }
}

record! {
    Sentencing;
    optional {
        date: Vec<Claim<HistoricalDate>>,
        body: Vec<Claim<Coded<vocab::SentencingBody>>>,
        place: Vec<Claim<Place>>,
        protocol: Vec<Claim<Protocol>>,
        in_absentia: Vec<Claim<bool>>,
    }
}

record! {
    Protocol;
    optional {
        number: Option<String>,
        session: Option<String>,
        item: Option<String>,
    }
}

record! {
    Execution;
    optional {
        date: Vec<Claim<HistoricalDate>>,
        place: Vec<Claim<Place>>,
        /// The act of execution.
        act: Vec<Claim<Reference>>,
        executioner: Vec<Claim<Reference>>,
        burial: Vec<Claim<Place>>,
    }
}

record! {
    Detention;
    optional {
        kind: Option<Coded<vocab::DetentionKind>>,
        name: Option<String>,
        place: Option<Place>,
        from: Option<HistoricalDate>,
        to: Option<HistoricalDate>,
        prisoner_number: Option<String>,
        transferred_to: Option<String>,
    }
}

record! {
    Release;
    optional {
        date: Vec<Claim<HistoricalDate>>,
        reason: Vec<Claim<Coded<vocab::ReleaseReason>>>,
        place: Vec<Claim<Place>>,
    }
}

record! {
    MemoryBookReference;
    required {
        book: Reference,
    }
    optional {
        volume: Option<String>,
        page: Option<String>,
    }
}

record! {
    Testimony;
    required {
        submitter: Reference,
    }
    optional {
        /// What the submitter is to the victim.
        relation: Option<Coded<person::KinRelation>>,
        date: Option<HistoricalDate>,
        text: Option<String>,
    }
}

impl Kind for Victim {
    const NAME: &'static str = "victim";
    const PATH: &'static str = "victims";
    const PREFIX: &'static str = "V";

    const FIELDS: &'static [Field] = fields::FIELDS;

    const REFERENCES: &'static [ReferenceRule] = &[
        ReferenceRule::new("person", "person", &["person"]),
        ReferenceRule::new("trial", "trial", &["trial"]),
        ReferenceRule::new("life.family.person", "relative", &["person"]),
        ReferenceRule::new("arrest.officer", "arresting_officer", &["person"]),
        ReferenceRule::new("investigation.investigators", "investigator", &["person"]),
        ReferenceRule::new("investigation.interrogations.investigator", "investigator", &["person"]),
        ReferenceRule::new("list_mentions.list", "list", &["source"]),
        ReferenceRule::new("list_mentions.signatories", "signatory", &["person"]),
        ReferenceRule::new("execution.act", "execution_act", &["source"]),
        ReferenceRule::new("execution.executioner", "executioner", &["person"]),
        ReferenceRule::new("rehabilitation.document", "rehabilitation_document", &["source"]),
        ReferenceRule::new("group.estimates.by", "estimated_by", &["person"]),
        ReferenceRule::new("earlier_repressions", "earlier_repression", &["victim"]).acyclic(),
        ReferenceRule::new("later_repressions", "later_repression", &["victim"]).acyclic(),
        ReferenceRule::new("co_defendants", "co_defendant", &["person", "victim"]),
        ReferenceRule::new("memory_books.book", "memory_book", &["source"]),
        ReferenceRule::new("testimonies.submitter", "submitter", &["person"]),
    ];

    const NOUNS: &'static [(&'static str, &'static str)] = &[
        ("arrest", "arrested"),
        ("arresting_body", "arrested_by"),
        ("sentence", "sentenced"),
        ("sentence", "penalty"),
        ("sentencing_body", "sentenced_by"),
        ("execution", "executed"),
        ("release", "released"),
        ("rehabilitation", "rehabilitated"),
        ("profession_group", "profession"),
    ];

    const PLACED_BY: &'static [&'static str] = &["arrested", "sentenced", "executed"];

    const CHECKS: CheckRules = checks::RULES;

    const LINKED_DATA: LinkedData = linked::DATA;

    fn label(&self) -> String {
        if let Some(group) = &self.group {
            return group.title.preferred().unwrap_or_default().to_owned();
        }
        let named = claim::best(&self.names).map(Name::display);
        let name = named.or_else(|| claim::best(&self.person).and_then(|p| p.text.clone()));
        label_with_years(name.unwrap_or_default(), self.life.as_ref())
    }

    fn rules(&self, errors: &mut FieldErrors) {
        let individual = claim::best(&self.names).is_some() || claim::best(&self.person).is_some();
        match (&self.group, individual) {
            (None, false) => errors.push(
                "",
                FieldCode::MissingField,
                "A victim record is of an individual (names or person) or of a group.",
            ),
            (Some(_), true) => {
                errors.push("/group", FieldCode::InvalidValue, "A record of an individual has no group.")
            }
            (Some(group), false) if group.title.0.is_empty() => {
                errors.push("/group/title", FieldCode::MissingField, "A group needs a title in some language.");
            }
            _ => {}
        }
    }

    fn example() -> serde_json::Value {
        let cites = json!([{"source": "0199b2c4-0000-7000-8000-000000000001", "locator": "л. 12"}]);
        json!({
            "person": [{"value": {"entry": "0199b2c4-0000-7000-8000-000000000002"}, "certainty": "probable"}],
            "names": [{"value": {"kind": "as_in_document", "family": "Кузьмин", "given": "Василий", "patronymic": "Иванович", "lang": "ru", "script": "Cyrl"}, "citations": cites}],
            "life": {"birth": {"date": [{"value": {"edtf": "1904"}, "citations": cites}]}},
            "arrest": {"date": [{"value": {"edtf": "1938-03"}, "citations": cites}]},
            "articles": [{"value": {"article": "58-10", "text": "58, п. 10 ч.2"}, "citations": cites}],
            "sentencing": {
                "date": [{"value": {"edtf": "1938-08-02"}, "citations": cites}],
                "body": [{"value": {"code": "military_collegium", "text": "ВКВС СССР"}, "citations": cites}]
            },
            "sentence": [{"value": {"penalties": [{"kind": {"code": "execution", "text": "ВМН"}}], "confiscation": true}, "citations": cites}],
            "execution": {"date": [{"value": {"edtf": "1938-08-10"}, "citations": cites}],
                          "burial": [{"value": {"verbatim": "Бутово"}, "citations": cites}]},
            "trial": [{"status": "none"}]
        })
    }
}
