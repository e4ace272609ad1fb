//! What a kind is in the vocabularies of others: classes and properties of schema.org, CIDOC CRM and Dublin Core, as data.

/// The prefixes that mappings may use, and what they stand for.
pub const PREFIXES: &[(&str, &str)] = &[
    ("schema", "https://schema.org/"),
    ("crm", "http://www.cidoc-crm.org/cidoc-crm/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
];

/// The datatype of dates.
pub const EDTF: &str = "http://id.loc.gov/datatypes/edtf";

/// How the value of a field becomes one of linked data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text, as it stands.
    Literal,
    /// The English label of a code.
    Term,
    /// A date, as EDTF.
    Date,
    /// An organisation with the label of a code as its name.
    Organisation,
    /// An activity of this name, within the time of a date.
    Part(&'static str),
}

/// One field of a kind and its property.
#[derive(Clone, Copy, Debug)]
pub struct MappedField {
    /// Name of the field.
    pub field: &'static str,
    /// Property with its prefix.
    pub property: &'static str,
    pub shape: Shape,
}

/// The mapping of a kind. What is not named here is not exported as linked data.
#[derive(Clone, Copy, Debug)]
pub struct LinkedData {
    /// Classes with their prefixes.
    pub classes: &'static [&'static str],
    pub fields: &'static [MappedField],
    /// Names of links and their properties.
    pub links: &'static [(&'static str, &'static str)],
}

impl LinkedData {
    pub const NONE: Self = Self { classes: &["schema:Thing"], fields: &[], links: &[] };
}

/// A line of a mapping.
pub const fn maps(field: &'static str, property: &'static str, shape: Shape) -> MappedField {
    MappedField { field, property, shape }
}

#[cfg(test)]
mod tests {
    use super::PREFIXES;
    use crate::model::kinds::REGISTRY;

    #[test]
    fn mappings_name_what_exists() {
        for kind in REGISTRY {
            let data = &kind.linked_data;
            for mapped in data.fields {
                assert!(kind.field(mapped.field).is_some(), "{} has no field {}", kind.name, mapped.field);
            }
            for (rel, _) in data.links {
                assert!(kind.references.iter().any(|r| r.rel == *rel), "{} has no link {rel}", kind.name);
            }
            let names = data.classes.iter().copied().chain(data.fields.iter().map(|m| m.property));
            for name in names.chain(data.links.iter().map(|(_, property)| *property)) {
                let prefix = name.split_once(':').map(|(prefix, _)| prefix).unwrap_or_default();
                assert!(PREFIXES.iter().any(|(known, _)| *known == prefix), "{name}");
            }
        }
    }
}
