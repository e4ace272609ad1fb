//! The kinds of entries, and the one registry that lists them. A kind is a file here, a line in [`REGISTRY`] and a
//! migration for its projection table; everything else works from the descriptor.

use deserr::Deserr;
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{RefOr, schema::Schema},
};

use super::{
    canon,
    checks::CheckRules,
    cite::Work,
    edtf::day_to_gregorian,
    errors::{FieldCode, FieldErrors},
    identity,
    limits::Limits,
    linked_data::LinkedData,
    parts::{Life, claim},
    precheck,
    record::record,
};

mod field;
pub mod person;
pub mod source;
pub mod trial;
pub mod victim;

pub use field::{Field, FieldType, Span, SpanUnit};

/// Every kind, in the order of the documentation.
pub static REGISTRY: &[&KindDescriptor] = &[
    &KindDescriptor::of::<person::Person>(),
    &KindDescriptor::of::<trial::Trial>(),
    &KindDescriptor::of::<victim::Victim>(),
    &KindDescriptor::of::<source::Source>(),
];

/// What a kind has to say about itself.
pub trait Kind: Serialize + Deserr<FieldErrors> + ToSchema + 'static {
    /// Name in the API, the database and the documentation.
    const NAME: &'static str;
    /// Path segment of its collection.
    const PATH: &'static str;
    /// Letters before the number of a ref.
    const PREFIX: &'static str;
    /// What lists filter by, count by and show; the columns of the projection table follow from it.
    const FIELDS: &'static [Field];
    /// Which places of the body refer to which kinds, and what the link is called.
    const REFERENCES: &'static [ReferenceRule];
    /// Lists whose items are no claims and yet keep an id.
    const IDENTIFIED: &'static [IdentifiedList] = &[];
    /// Other words for fields in the names of what can be counted by: the noun, and the field.
    const NOUNS: &'static [(&'static str, &'static str)] = &[];
    /// Fields with dates that place an entry in time; the first that is known counts.
    const PLACED_BY: &'static [&'static str] = &[];
    /// What the automatic checks have to know of the body.
    const CHECKS: CheckRules = CheckRules::NONE;
    /// What the kind is in the vocabularies of others.
    const LINKED_DATA: LinkedData = LinkedData::NONE;
    /// How bibliographies describe what the entry is about; for kinds that are works.
    const WORK: Option<fn(&Self) -> Work> = None;

    /// The line that stands for the entry in lists.
    fn label(&self) -> String;
    /// Rules that concern the body as a whole.
    fn rules(&self, _errors: &mut FieldErrors) {}
    /// A body for the documentation; it validates.
    fn example() -> Value;
}

/// What stands at one place of the body where an entry is named.
#[derive(Clone, Copy, Debug)]
pub struct ReferenceRule {
    /// Dotted path without list positions and without the `value` of claims.
    pub path: &'static str,
    /// Name of the link.
    pub rel: &'static str,
    /// Kinds that may stand there.
    pub kinds: &'static [&'static str],
    /// An entry cannot reach itself along this link.
    pub is_acyclic: bool,
}

impl ReferenceRule {
    pub const fn new(path: &'static str, rel: &'static str, kinds: &'static [&'static str]) -> Self {
        Self { path, rel, kinds, is_acyclic: false }
    }

    pub const fn acyclic(mut self) -> Self {
        self.is_acyclic = true;
        self
    }
}

/// A list whose items are no claims and yet keep an id, because claims stand inside them.
#[derive(Clone, Copy, Debug)]
pub struct IdentifiedList {
    /// Dotted path without list positions.
    pub path: &'static str,
    /// The field that tells which item of a list without ids is which.
    pub matched_by: &'static str,
}

impl IdentifiedList {
    pub const fn new(path: &'static str, matched_by: &'static str) -> Self {
        Self { path, matched_by }
    }
}

/// The link from a claim to the source it cites, in bodies of every kind.
pub const CITES: ReferenceRule = ReferenceRule::new("citations", "cites", &["source"]);

/// A body that was read and found valid.
#[derive(Clone, Debug)]
pub struct AcceptedBody {
    /// The canonical form (RFC 8785), which is stored, hashed and served.
    pub canonical: String,
    pub value: Value,
    pub label: String,
}

/// Name and schema of one component of the OpenAPI document.
pub type NamedSchema = (String, RefOr<Schema>);

/// A kind as data: all that the other floors know of it.
pub struct KindDescriptor {
    pub name: &'static str,
    pub path: &'static str,
    pub prefix: &'static str,
    pub fields: &'static [Field],
    pub references: &'static [ReferenceRule],
    pub identified: &'static [IdentifiedList],
    pub nouns: &'static [(&'static str, &'static str)],
    pub placed_by: &'static [&'static str],
    pub checks: CheckRules,
    pub linked_data: LinkedData,
    /// The work that a body describes; for kinds that are works.
    pub work: Option<fn(Value) -> Option<Work>>,
    read: fn(Value) -> Result<(Value, String), FieldErrors>,
    /// The example body.
    pub example: fn() -> Value,
    /// Name of the body's schema.
    pub schema_name: fn() -> String,
    /// The schemas of the body and of all its parts.
    pub schemas: fn() -> Vec<NamedSchema>,
}

impl KindDescriptor {
    const fn of<K: Kind>() -> Self {
        Self {
            name: K::NAME,
            path: K::PATH,
            prefix: K::PREFIX,
            fields: K::FIELDS,
            references: K::REFERENCES,
            identified: K::IDENTIFIED,
            nouns: K::NOUNS,
            placed_by: K::PLACED_BY,
            checks: K::CHECKS,
            linked_data: K::LINKED_DATA,
            work: if K::WORK.is_some() { Some(work::<K>) } else { None },
            read: read::<K>,
            example: K::example,
            schema_name: || K::name().into_owned(),
            schemas: || {
                let mut all = vec![(K::name().into_owned(), K::schema())];
                K::schemas(&mut all);
                all
            },
        }
    }

    /// Reads a body: all errors at once, or its canonical form. Claims without an id take that of the claim of `base`
    /// they come from, or a new one; `base` is the revision the body was made on.
    pub fn accept(&self, body: Value, limits: &Limits, base: Option<&Value>) -> Result<AcceptedBody, FieldErrors> {
        precheck::check(&body, limits)?;
        let (mut value, label) = (self.read)(body)?;
        identity::assign(self, &mut value, base);
        identity::check(&value).into_result(())?;
        let canonical = canon::canonical(&value).map_err(not_json)?;
        if canonical.len() > limits.body_bytes {
            let detail = format!("The body has {} bytes; {} are allowed.", canonical.len(), limits.body_bytes);
            return Err(FieldErrors::one("", FieldCode::TooLong, detail));
        }
        Ok(AcceptedBody { canonical, value, label })
    }

    /// The label of a canonical body; `None` for one that is not valid.
    pub fn label_of(&self, body: &Value) -> Option<String> {
        (self.read)(body.clone()).ok().map(|(_, label)| label)
    }

    /// The work that a canonical body describes; `None` for a kind that is none.
    pub fn work_of(&self, body: &Value) -> Option<Work> {
        self.work.and_then(|work| work(body.clone()))
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The kind with this name.
    pub fn by_name(name: &str) -> Option<&'static KindDescriptor> {
        REGISTRY.iter().copied().find(|k| k.name == name)
    }

    /// The kind with this path segment.
    pub fn by_path(path: &str) -> Option<&'static KindDescriptor> {
        REGISTRY.iter().copied().find(|k| k.path == path)
    }

    /// The names of all kinds.
    pub fn names() -> Vec<&'static str> {
        REGISTRY.iter().map(|k| k.name).collect()
    }

    /// Name of its projection table.
    pub fn table(&self) -> String {
        format!("{}_projection", self.name)
    }
}

impl std::fmt::Debug for KindDescriptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kind({})", self.name)
    }
}

/// Never seen: every body is made of what JSON can say. Were it not, nothing empty may be stored in its place.
fn not_json(error: serde_json::Error) -> FieldErrors {
    FieldErrors::one("", FieldCode::InvalidValue, format!("The body cannot be written as JSON: {error}."))
}

fn work<K: Kind>(body: Value) -> Option<Work> {
    let body: K = deserr::deserialize(body).ok()?;
    K::WORK.map(|work| work(&body))
}

fn read<K: Kind>(body: Value) -> Result<(Value, String), FieldErrors> {
    let typed: K = deserr::deserialize(body)?;
    let mut errors = FieldErrors::default();
    typed.rules(&mut errors);
    let value = serde_json::to_value(&typed).map_err(not_json)?;
    let label: String = typed.label().chars().take(300).collect();
    errors.into_result((value, label))
}

record! {
    /// A date before which something is not to be shown or entered, and why.
    Embargo;
    required {
        reason: String,
    }
    optional {
        until: Option<super::parts::HistoricalDate>,
    }
}

/// A name with the years of birth and death, as far as they are known: namesakes are common.
fn label_with_years(name: String, life: Option<&Life>) -> String {
    let year = |claims: &[claim::Claim<super::parts::HistoricalDate>]| {
        let interval = claim::best(claims)?.interval()?;
        let (first, last) = (day_to_gregorian(interval.earliest?).0, day_to_gregorian(interval.latest?).0);
        Some(if first == last { first.to_string() } else { format!("{first}/{last}") })
    };
    let birth = life.and_then(|l| l.birth.as_ref()).and_then(|b| year(&b.date));
    let death = life.and_then(|l| l.death.as_ref()).and_then(|d| year(&d.date));
    match (birth, death) {
        (None, None) => name,
        (birth, death) => format!("{name} ({}–{})", birth.unwrap_or_default(), death.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::projection;

    #[test]
    fn every_example_is_valid_and_canonical() {
        for kind in REGISTRY {
            let accepted = kind.accept((kind.example)(), &Limits::default(), None).unwrap();
            let stored = serde_json::from_str(&accepted.canonical).unwrap();
            let again = kind.accept(stored, &Limits::default(), None).unwrap();
            assert_eq!(accepted.canonical, again.canonical, "{}", kind.name);
            assert!(!accepted.label.is_empty());
        }
    }

    #[test]
    fn names_paths_prefixes_and_fields_are_unique() {
        let mut seen = std::collections::HashSet::new();
        for kind in REGISTRY {
            for word in [kind.name, kind.path, kind.prefix] {
                assert!(seen.insert(word), "{word} twice");
            }
            let mut fields = std::collections::HashSet::new();
            assert!(kind.fields.iter().all(|f| fields.insert(f.name)), "{} has a field twice", kind.name);
            for name in kind.placed_by {
                let field = kind.field(name).unwrap();
                assert!(!field.many && matches!(field.field_type, FieldType::Date), "{name}");
            }
        }
    }

    #[test]
    fn every_reference_in_an_example_has_a_rule() {
        for kind in REGISTRY {
            let accepted = kind.accept((kind.example)(), &Limits::default(), None).unwrap();
            for link in projection::references(kind, &accepted.value) {
                assert!(link.rule.is_some(), "{}: no rule for {}", kind.name, link.pointer);
            }
        }
    }
}
