//! The way into the archive: batches by an account that edits, accepted by one that moderates. Everything goes through
//! the use cases that requests go through.

use std::sync::Arc;

use super::plan::Row;
use crate::{
    access::{Passwords, Secret, create_user, random_secret},
    editorial::{self, Act, AddRows, Context, Move, NewBatch, NewRows, Op, ProposedChange, SubmissionView},
    model::{desk::DeskRules, limits::Limits, permissions::Role, workflow::Action},
    store::WriteTx,
    usecase::{Actor, Archive, Authority, Credential, Error, IfMatch, Result, jobs},
};

/// Rows that are added, and published, in one transaction.
pub const CHUNK: usize = 1_000;
/// Rows of one batch.
pub const BATCH: usize = 10_000;

const ACCOUNTS: [(&str, Role); 2] = [("generated-editor", Role::Editor), ("generated-moderator", Role::Moderator)];

/// Fills an archive.
pub struct Loader {
    archive: Archive,
    editor: Actor,
    moderator: Actor,
}

impl Loader {
    /// Makes the two accounts, unless they are there already. Nobody knows their passwords.
    pub fn new(archive: &Archive, passwords: &Passwords) -> Result<Self> {
        let mut actors = Vec::new();
        for (username, role) in ACCOUNTS {
            let known = archive.store.read(|tx| -> Result<_> { Ok(tx.user_by_name(username)?) })?;
            if known.is_none() {
                let password: String = random_secret().reveal().chars().take(40).collect();
                create_user(archive, passwords, username, role, &Secret::new(password))?;
            }
            let user = archive.store.read_fresh(|tx| -> Result<_> { Ok(tx.user_by_name(username)?) })?;
            let user = user.ok_or(Error::NotFound("account"))?;
            actors.push(Actor { user_id: user.id, username: user.username, role, credential: Credential::Operator });
        }
        let [editor, moderator] = <[Actor; 2]>::try_from(actors).map_err(|_| Error::NotFound("account"))?;
        let limits = Limits { changes: CHUNK, ..*archive.limits };
        let desk = DeskRules {
            // Nobody looks through a million of them, and every Ivanov is compared with all the others.
            seeks_duplicates: false,
            chunk: i64::try_from(CHUNK).unwrap_or(i64::MAX),
            ..DeskRules::default()
        };
        let archive = Archive { limits: Arc::new(limits), desk: Arc::new(desk), ..archive.clone() };
        Ok(Self { archive, editor, moderator })
    }

    fn context(&self, actor: &Actor) -> Context {
        Context::new(self.archive.clone(), actor.clone(), self.archive.now())
    }

    /// Opens a batch.
    pub fn open(&self, summary: &str) -> Result<SubmissionView> {
        let new = NewBatch { summary: summary.to_owned() };
        let context = self.context(&self.editor);
        self.archive.write(Authority::Operator, |tx| editorial::create_batch(tx, &context, new))
    }

    /// Adds rows to it.
    pub fn add(&self, batch: &SubmissionView, rows: Vec<Row>) -> Result<SubmissionView> {
        let rows = NewRows { rows: rows.into_iter().map(proposed).collect() };
        let condition = Some(IfMatch::Tags(vec![batch.etag.clone()]));
        let write = AddRows::new(self.context(&self.editor), batch.submission.id.clone(), condition, rows);
        self.archive.run(Authority::Operator, write)
    }

    /// Hands it in, reads the sample, approves it, and publishes all its rows; `progress` is told how many are public.
    pub fn publish(&self, batch: SubmissionView, mut progress: impl FnMut(u64)) -> Result<()> {
        let id = batch.submission.id.clone();
        let mut view = self.act(&self.editor, batch, Action::Submit)?;
        let sample = self
            .archive
            .store
            .read_fresh(|tx| editorial::sample(tx, &self.archive, &self.moderator, &id, self.archive.now()))?;
        self.archive.write(Authority::Operator, |tx| -> Result<()> {
            for row in sample.rows {
                editorial::open_row(tx, &self.moderator, &id, row.position, self.archive.now())?;
            }
            Ok(())
        })?;
        view = self.act(&self.moderator, view, Action::Approve)?;
        let context = self.context(&self.moderator);
        let condition = IfMatch::Tags(vec![view.etag]);
        let start = |tx: &mut WriteTx| editorial::start_publishing(tx, &context, &id, Some(&condition));
        let job = self.archive.write(Authority::Operator, start)?;
        while let Some(next) = jobs::claim(&self.archive, "generate")? {
            let is_ours = next.id == job.id;
            editorial::publish_batch(&self.archive, &next, |done| {
                if is_ours {
                    progress(u64::try_from(done).unwrap_or_default());
                }
            })?;
        }
        let counts = self.archive.store.read_fresh(|tx| -> Result<_> { Ok(tx.count_outcomes(&id)?) })?;
        match counts.iter().find(|(outcome, _)| outcome == "set_aside") {
            Some((_, rows)) => Err(Error::Internal(format!("{rows} rows of the batch {id} were set aside"))),
            None => Ok(()),
        }
    }

    fn act(&self, actor: &Actor, batch: SubmissionView, action: Action) -> Result<SubmissionView> {
        let act = Act { action, comment: None, override_reason: None };
        let condition = Some(IfMatch::Tags(vec![batch.etag]));
        self.archive.run(Authority::Operator, Move::new(self.context(actor), batch.submission.id, condition, act))
    }
}

fn proposed(row: Row) -> ProposedChange {
    ProposedChange {
        op: Op::Create,
        kind: Some(row.kind.to_owned()),
        id: Some(row.id),
        body: Some(row.body),
        base: None,
        patch: None,
        to: None,
        reason: None,
        into: None,
        into_base: None,
    }
}
