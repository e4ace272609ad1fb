//! The filters of lists, as the documentation tells of them, and for suggestions.

use super::namings::namings;
use crate::model::kinds::{CITES, FieldType, KindDescriptor, REGISTRY};

/// A query parameter that filters a list, for the documentation.
#[derive(Clone, Debug)]
pub struct FilterParameter {
    pub name: String,
    pub description: String,
    /// The values it takes, when they are a closed list.
    pub values: Vec<&'static str>,
    pub is_boolean: bool,
    /// It can be given once; others may be repeated.
    pub is_single: bool,
    pub example: Option<String>,
}

/// Every filter of a kind: its fields, its links by their names, and what holds for all of them.
pub fn parameters(kind: &KindDescriptor) -> Vec<FilterParameter> {
    let plain = |name: String, description: String| FilterParameter {
        name,
        description,
        values: vec![],
        is_boolean: false,
        is_single: false,
        example: None,
    };
    let mut all = Vec::new();
    for field in kind.fields {
        let mut parameter = plain(field.name.to_owned(), format!("{}.", field.description));
        let bounds = |all: &mut Vec<FilterParameter>, least: &str, most: &str| {
            for (end, what) in [("from", least), ("to", most)] {
                let bound = plain(format!("{}_{end}", field.name), format!("{}: {what}.", field.description));
                all.push(FilterParameter { is_single: true, ..bound });
            }
        };
        match field.field_type {
            FieldType::Coded(table) => parameter.values = table.terms.iter().map(|t| t.code).collect(),
            FieldType::Boolean | FieldType::Present => parameter.is_boolean = true,
            FieldType::Date => {
                parameter.description =
                    format!("{}, an EDTF date: entries whose date may fall into it; see `match`.", field.description);
                parameter.example = Some("1937".to_owned());
                bounds(&mut all, "not before this date", "not after this date");
            }
            FieldType::Count | FieldType::CitedSources => bounds(&mut all, "at least", "at most"),
            FieldType::Span(_) => {
                parameter.description = format!("{}, as far as the dates tell; see `match`.", field.description);
                bounds(&mut all, "at least", "at most");
            }
            FieldType::Article => parameter.example = Some("58-10".to_owned()),
            FieldType::Certainty => {
                parameter.description = format!("{}, anywhere or in a field: `executed:disputed`.", field.description);
                parameter.example = Some("disputed".to_owned());
            }
            FieldType::Rank => {
                parameter.description = format!("{}, anywhere or in a field: `death:deprecated`.", field.description);
                parameter.example = Some("deprecated".to_owned());
            }
            FieldType::Text | FieldType::Name | FieldType::Words => {}
        }
        all.push(parameter);
    }
    for rel in rels(kind) {
        let description = format!("Id or ref of an entry that a link `{rel}` of the entry leads to.");
        all.push(plain(rel.to_owned(), description));
    }
    all.extend(naming_parameters(kind));
    all.push(FilterParameter {
        values: vec!["possible", "certain"],
        is_single: true,
        ..plain(
            "match".to_owned(),
            "How dates, ages and times between dates have to fit: they may, or they do.".to_owned(),
        )
    });
    all.push(FilterParameter {
        example: Some("тройка".to_owned()),
        ..plain(
            "q".to_owned(),
            "Words anywhere in the entry, in whatever form; `\"…\"` is a phrase, `word*` the beginning of a word."
                .to_owned(),
        )
    });
    all.push(FilterParameter {
        example: Some("source_count".to_owned()),
        ..plain(
            "has".to_owned(),
            "Names of fields or links that hold something, separated by commas when all of them must.".to_owned(),
        )
    });
    all
}

/// The filters by what names an entry; none for a kind that nothing can name.
fn naming_parameters(kind: &KindDescriptor) -> Vec<FilterParameter> {
    let known = namings(kind);
    let words = known.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join("`, `");
    let placed = known.iter().find(|(_, naming)| !naming.kind.placed_by.is_empty());
    let parameter = |name: &str, description: &str, example: String| FilterParameter {
        name: name.to_owned(),
        description: format!("{description} Of: `{words}`."),
        values: vec![],
        is_boolean: false,
        is_single: false,
        example: Some(example),
    };
    let by = "What names the entry, by which link; several, separated by commas, must all.";
    let in_turn =
        "What names the entry one after the other in time, separated by commas, the earliest first; see `match`.";
    let named_by = known.first().map(|(word, _)| parameter("named_by", by, word.clone()));
    let named_in_turn = placed.map(|(word, _)| parameter("named_in_turn", in_turn, format!("{word},{word}")));
    named_by.into_iter().chain(named_in_turn).collect()
}

/// Names of the links of a kind, each once.
pub fn rels(kind: &KindDescriptor) -> Vec<&'static str> {
    let mut names = vec![CITES.rel];
    for rule in kind.references {
        if !names.contains(&rule.rel) {
            names.push(rule.rel);
        }
    }
    names
}

/// Names of the links of all kinds, each once.
pub fn all_rels() -> Vec<&'static str> {
    let mut names: Vec<&str> = REGISTRY.iter().flat_map(|kind| rels(kind)).collect();
    names.sort_unstable();
    names.dedup();
    names
}
