//! A change of one entry, proposed at its own address: a submission is made of it.

use super::{
    context::Context,
    prepare::ProposedChange,
    proposals::{Contents, Create, NewSubmission},
    views::SubmissionView,
};
use crate::{
    model::{
        errors::{FieldError, FieldErrors},
        kinds::KindDescriptor,
        refs::EntryKey,
    },
    store::{ReadTx, WriteTx},
    usecase::{Commit, Error, IfMatch, PreparedWrite, Result, entry_etag, require_match},
};

/// Summaries shorter than this say too little by themselves: the label of the entry is added.
const SHORT: usize = 10;

/// Makes a submission of one change. For an entry that exists, the condition pins the revision it was made on.
pub struct Propose {
    context: Context,
    entry: Option<(&'static KindDescriptor, EntryKey)>,
    condition: Option<IfMatch>,
    change: Option<ProposedChange>,
    summary: String,
    create: Option<Create>,
}

impl Propose {
    /// `usual` is the summary where none is given.
    pub fn new(
        context: Context,
        entry: Option<(&'static KindDescriptor, EntryKey)>,
        condition: Option<IfMatch>,
        change: ProposedChange,
        summary: Option<String>,
        usual: String,
    ) -> Self {
        Self { context, entry, condition, change: Some(change), summary: summary.unwrap_or(usual), create: None }
    }

    fn creation(&mut self, tx: &mut ReadTx) -> Result<&mut Create> {
        if let Some(mut change) = self.change.take() {
            let mut summary = std::mem::take(&mut self.summary);
            if let Some((kind, key)) = &self.entry {
                let head = tx.head(kind.name, key)?.ok_or(Error::NotFound("entry"))?;
                require_match(self.condition.as_ref(), &entry_etag(head.head, &head.hash))?;
                change.base = Some(head.head);
                if summary.len() < SHORT {
                    summary = format!("{summary}: {}", head.label);
                }
                change.id = Some(head.id);
            }
            let new = NewSubmission { summary, changes: vec![change], draft: None };
            self.create = Some(Create::new(self.context.clone(), new));
        }
        self.create.as_mut().ok_or_else(|| Error::Internal("a proposal was lost".into()))
    }
}

impl PreparedWrite for Propose {
    type Prepared = Contents;
    type Done = SubmissionView;

    fn prepare(&mut self, tx: &mut ReadTx, earlier: Option<Contents>) -> Result<Contents> {
        self.creation(tx)?.prepare(tx, earlier).map_err(point_into_body)
    }

    fn commit(&self, tx: &mut WriteTx, contents: &Contents) -> Result<Commit<SubmissionView>> {
        match &self.create {
            Some(create) => create.commit(tx, contents),
            None => Ok(Commit::Outdated),
        }
    }
}

/// The client sent a body, not a submission: pointers are into what it sent.
fn point_into_body(error: Error) -> Error {
    let shorten = |errors: FieldErrors| {
        let strip = |e: FieldError| {
            let shorter =
                ["/changes/0/body", "/changes/0/patch", "/changes/0"].iter().find_map(|p| e.pointer.strip_prefix(p));
            FieldError { pointer: shorter.unwrap_or(&e.pointer).to_owned(), ..e }
        };
        FieldErrors(errors.0.into_iter().map(strip).collect())
    };
    match error {
        Error::Invalid(errors) => Error::Invalid(shorten(errors)),
        other => other,
    }
}
