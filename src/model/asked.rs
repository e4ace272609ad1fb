//! What is asked for in the address of a request: conditions, whichever parameters they stand in, and how many there may
//! be; parameters that do not exist.

use super::errors::{FieldCode, FieldErrors, cut};

/// Conditions that a request has at most, over all of its parameters.
pub const MOST_CONDITIONS: usize = 64;

/// Parameters that are no condition: they page, or choose a form.
const FORM: &[&str] =
    &["limit", "cursor", "sort", "view", "format", "rows", "snapshot", "lang", "of", "after", "match"];

/// In these the same may stand twice and means something.
const IN_ORDER: &[&str] = &["named_in_turn"];

/// The name of a filter, without what asks for the others.
fn positive(name: &str) -> &str {
    name.strip_prefix("not.").unwrap_or(name)
}

/// Whether the parameter asks for something that may have to be looked for.
pub fn is_condition(name: &str) -> bool {
    !FORM.contains(&name)
}

/// What a value asks for: the parts between its commas, and of a text each word. Equal ones are one.
fn parts<'a>(name: &str, value: &'a str) -> Vec<&'a str> {
    let mut parts: Vec<&str> = value.split(|c: char| c == ',' || c.is_whitespace()).collect();
    if !IN_ORDER.contains(&positive(name)) {
        parts.retain(|part| !part.is_empty());
        parts.sort_unstable();
        parts.dedup();
    }
    parts
}

/// Leaves each pair of name and value once, in the order they came in.
pub fn once_each(parameters: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut seen = std::collections::HashSet::new();
    parameters.into_iter().filter(|pair| seen.insert(pair.clone())).collect()
}

/// How many conditions there are; the parameters have to be there once each. `Err` names the parameter that is one too
/// many.
pub fn conditions(parameters: &[(String, String)]) -> Result<usize, &str> {
    let mut count = 0;
    for (name, value) in parameters.iter().filter(|(name, _)| is_condition(name)) {
        count += parts(name, value).len().max(1);
        if count > MOST_CONDITIONS {
            return Err(name);
        }
    }
    Ok(count)
}

/// The names that a value lists between commas, each once.
pub fn names(value: &str) -> impl Iterator<Item = &str> {
    let mut seen = std::collections::HashSet::new();
    value.split(',').filter(move |name| seen.insert(*name))
}

/// The one of these names that was probably meant.
pub fn nearest<S: AsRef<str>>(name: &str, known: impl IntoIterator<Item = S>) -> Option<S> {
    let compared = known.into_iter().map(|known| (strsim::jaro_winkler(name, known.as_ref()), known));
    let best = compared.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 > LIKELY).then_some(best.1)
}

/// How alike the name that was meant is at least.
const LIKELY: f64 = 0.8;

/// Refuses that a query parameter is given several times where only one value has a meaning.
pub fn refuse_repeated(name: &str, errors: &mut FieldErrors) {
    errors.push(name, FieldCode::Duplicate, format!("{name} can be given once."));
}

/// Refuses a query parameter that does not exist. It may be a slip of one that does.
pub fn refuse_unknown<S: AsRef<str>>(name: &str, known: impl IntoIterator<Item = S>, errors: &mut FieldErrors) {
    let detail = match nearest(positive(name), known) {
        Some(near) => format!("There is no parameter {} here; did you mean {}?", cut(name), near.as_ref()),
        None => format!("There is no parameter {} here.", cut(name)),
    };
    errors.push(name, FieldCode::UnknownParameter, detail);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(query: &[(&str, &str)]) -> Option<usize> {
        let owned = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        conditions(&once_each(owned)).ok()
    }

    #[test]
    fn equal_conditions_are_one() {
        assert_eq!(count(&[("has", "tag,tag,sex"), ("has", "tag,tag,sex"), ("has", "tag")]), Some(3));
        assert_eq!(count(&[("sex", "male"), ("not.sex", "male"), ("limit", "5"), ("sort", "ref")]), Some(2));
        assert_eq!(count(&[("q", "a, b\u{a0}a"), ("facets", "sex"), ("name", "")]), Some(4));
        assert_eq!(count(&[("named_in_turn", "a,a"), ("not.named_in_turn", "a,a")]), Some(4));
    }

    #[test]
    fn slips_are_told_from_other_names() {
        let known = ["limit", "cursor", "sex"];
        assert_eq!(nearest("limt", known), Some("limit"));
        assert_eq!(nearest("sexx", known), Some("sex"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("x", [""; 0]), None);
        let mut errors = FieldErrors::default();
        refuse_unknown("not.sexx", known, &mut errors);
        assert!(errors.0[0].detail.ends_with("no parameter not.sexx here; did you mean sex?"), "{errors:?}");
    }

    #[test]
    fn one_more_than_the_most_is_too_many() {
        let most = (0..MOST_CONDITIONS).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(count(&[("has", &most)]), Some(MOST_CONDITIONS));
        assert_eq!(count(&[("has", &most), ("sex", "male")]), None);
        assert_eq!(count(&[("named_in_turn", &"a,".repeat(MOST_CONDITIONS))]), None);
    }
}
