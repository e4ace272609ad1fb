//! How much is asked for in the address of a request: conditions, whichever parameters they stand in.

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
    fn one_more_than_the_most_is_too_many() {
        let most = (0..MOST_CONDITIONS).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(count(&[("has", &most)]), Some(MOST_CONDITIONS));
        assert_eq!(count(&[("has", &most), ("sex", "male")]), None);
        assert_eq!(count(&[("named_in_turn", &"a,".repeat(MOST_CONDITIONS))]), None);
    }
}
