//! The query parameters of the operations on entries.

use crate::{
    http::query::{Cursor, Limit, Names, Needed, Sentence, Sort, Time, Whole, choices, parameters},
    model::{
        errors::{FieldCode, FieldErrors},
        kinds::KindDescriptor,
    },
    research::{Extras, ListOrder, Shown},
};

choices! {
    /// How much of each entry is shown.
    pub enum View {
        Summary = "summary",
        Full = "full",
    }
}

parameters! {
    /// Which entries are listed, and how.
    pub struct EntriesQuery {
        /// Entries in the answer, 1 to 200
        limit: Limit,
        /// Where to go on: `next` of the page before, with the same filters
        cursor: Cursor,
        /// `ref`, `label` or `updated`, with `-` before it for descending
        #[example = "-updated"]
        sort: Option<Sort<ListOrder>>,
        /// `summary` or `full`: with bodies
        #[example = "summary"]
        view: Option<View>,
        /// Count the whole list by these, up to ten names separated by commas
        facets: Option<Names>,
        /// Entries accepted at or after this time (RFC 3339)
        #[example = "2026-01-01T00:00:00Z"]
        updated_since: Option<Time>,
        /// The list as it stood at this time (RFC 3339)
        at: Option<Time>,
        /// Names of links, separated by commas: the entries they lead to come with the answer
        #[example = "sources"]
        include: Option<Names>,
        /// Only these fields: paths separated by commas, their names by slashes
        #[example = "label"]
        fields: Option<Names>,
    }
    and filters
}

parameters! {
    /// Which state of an entry is shown, and what comes with it.
    pub struct EntryQuery {
        /// Number of a revision
        #[example = 1]
        revision: Option<Whole<1>>,
        /// The entry as it stood at this time (RFC 3339)
        #[example = "2026-01-01T00:00:00Z"]
        at: Option<Time>,
        /// Names of links, separated by commas: the entries they lead to come with the answer as `included`
        #[example = "sources"]
        include: Option<Names>,
        /// `summary` or `full`: the included entries with their bodies
        #[example = "summary"]
        view: Option<View>,
        /// Only these fields: paths separated by commas, their names by slashes
        #[example = "label,body/names"]
        fields: Option<Names>,
    }
    check EntryQuery::check
}

impl EntryQuery {
    fn check(&self, kind: Option<&'static KindDescriptor>, errors: &mut FieldErrors) {
        if self.revision.is_some() && self.at.is_some() {
            errors.push("at", FieldCode::InvalidValue, "Ask for a revision or for a time, not for both.");
        }
        let includes = kind.is_some_and(|kind| self.extras(kind, errors).includes());
        if includes && self.revision.is_some() {
            let detail = "include shows entries of one time: ask with at, not for a revision.";
            errors.push("include", FieldCode::InvalidValue, detail);
        }
    }

    /// What comes with the entry, and what of it is shown.
    pub fn extras(&self, kind: &KindDescriptor, errors: &mut FieldErrors) -> Extras {
        let (include, fields) = (self.include.as_ref(), self.fields.as_ref());
        let (include, fields) = (include.map(|names| names.0.as_str()), fields.map(|names| names.0.as_str()));
        let mut extras = Extras::read(kind, include, fields, Shown::Entries, errors);
        extras.with_bodies = self.view == Some(View::Full);
        extras
    }
}

parameters! {
    /// What is said of a change.
    pub struct ProposalQuery {
        /// What the change is and why
        summary: Option<String>,
    }
}

parameters! {
    /// Why an entry is retired.
    pub struct RetirementQuery {
        /// The reason that the public will see
        reason: Needed<Sentence>,
        /// What the change is and why
        summary: Option<String>,
    }
}
