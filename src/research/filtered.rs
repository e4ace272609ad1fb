//! What is asked of entries beside how they are shown: filters and times, as they came in.

use super::filters;
use crate::{
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
        precheck::has_control_character,
        time::StatedTime,
    },
    store::{Condition, ReadTx},
    usecase::Result,
};

/// Longest value of a query parameter, in characters.
const VALUE_CHARS: usize = 1_000;

/// What is asked of entries, beside the parameters that a list, statistics or an export have of their own.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// Names and values, in the order they came in.
    pub given: Vec<(String, String)>,
    /// The parameters of its own that the operation has: what is none of these and no filter does not exist.
    pub beside: &'static [&'static str],
    /// What is wrong with those; it is told together with what is wrong with the filters.
    pub faults: FieldErrors,
}

impl Filters {
    /// Reads the filters; those that do not exist are findings. With a time, links lead where they led then.
    pub(super) fn conditions(
        &self,
        tx: &mut ReadTx,
        kind: &KindDescriptor,
        at: Option<i64>,
    ) -> Result<std::result::Result<Vec<Condition>, FieldErrors>> {
        filters::read(tx, kind, &self.given, self.beside, at)
    }

    /// What the filters choose, and the times beside them, as names and values.
    pub(super) fn chosen(&self, times: &[(&str, &Option<StatedTime>)]) -> Vec<(String, String)> {
        let times = times.iter().filter_map(|(name, time)| Some(((*name).to_owned(), time.as_ref()?.text.clone())));
        self.given.iter().cloned().chain(times).collect()
    }
}

/// Finds values that are too long, and control characters.
pub fn check_texts<'a>(parameters: impl IntoIterator<Item = &'a (String, String)>, errors: &mut FieldErrors) {
    for (name, value) in parameters {
        if value.chars().count() > VALUE_CHARS {
            errors.push(name, FieldCode::TooLong, format!("A value has at most {VALUE_CHARS} characters."));
        }
        if has_control_character(value) || has_control_character(name) {
            errors.push(
                name.escape_debug().to_string(),
                FieldCode::ControlCharacter,
                "The value holds a control character.",
            );
        }
    }
}
