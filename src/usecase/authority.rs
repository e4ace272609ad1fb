//! By what right something is written, and the one way to a writing transaction.
//!
//! The guard of a route looks at the caller when the head of a request arrives. Its body may arrive a minute later, and a
//! write may wait for its turn. So the account, its role, and the session or key are looked at again inside the
//! transaction that writes.

use super::{Actor, Archive, Credential, Error, Result};
use crate::store::{ApiKeyRow, ReadTx, RunningAt, Sharing, UserRow, WriteTx};

/// By what right something is written.
#[derive(Clone, Copy, Debug)]
pub enum Authority<'a> {
    /// An account calls. It must still be what the guard has found.
    Caller(&'a Actor),
    /// Somebody shows a secret: a password, a refresh token, an invitation. The write looks at it itself.
    Secret,
    /// A job works on for the account that started it. The account must still have the role it had.
    Job(&'a Actor),
    /// The operator, at the machine.
    Operator,
    /// The archive by itself: its keys, its trail, what time has brought about.
    Archive,
}

impl Archive {
    /// Runs the writes of one writer by the given right: all of them are kept, or none.
    pub fn write<T>(&self, by: Authority, effect: impl FnOnce(&mut WriteTx) -> Result<T>) -> Result<T> {
        self.write_as(Sharing::Shared, by, effect)
    }

    /// The same for writes that take long: no other writer waits for them before it is answered.
    pub fn write_alone<T>(&self, by: Authority, effect: impl FnOnce(&mut WriteTx) -> Result<T>) -> Result<T> {
        self.write_as(Sharing::Alone, by, effect)
    }

    fn write_as<T>(
        &self,
        sharing: Sharing,
        by: Authority,
        effect: impl FnOnce(&mut WriteTx) -> Result<T>,
    ) -> Result<T> {
        self.store.write_as(sharing, |tx| {
            self.verify(tx, by)?;
            effect(tx)
        })
    }

    /// Refuses to go on where the right is no longer what it was.
    fn verify(&self, tx: &mut ReadTx, by: Authority) -> Result<()> {
        match by {
            Authority::Caller(actor) => look_again(tx, actor, self.now()).map(|_| ()),
            Authority::Job(actor) => still_has_role(tx, actor),
            Authority::Secret | Authority::Operator | Authority::Archive => Ok(()),
        }
    }

    /// Prepares a write, for somebody who may still do it: what is refused here tells of the archive too.
    fn prepare<W: PreparedWrite>(
        &self,
        by: Authority,
        write: &mut W,
        earlier: Option<W::Prepared>,
    ) -> Result<W::Prepared> {
        self.store.prepare(|tx| {
            self.verify(tx, by)?;
            write.prepare(tx, earlier)
        })
    }

    /// Does a write in two parts. Where the archive has changed in between in a way that matters, it is prepared again, and
    /// at last with everybody else kept from writing.
    pub fn run<W: PreparedWrite>(&self, by: Authority, mut write: W) -> Result<W::Done> {
        self.run_with(by, &mut write, |_, done| Ok(done))
    }

    /// The same, with more to be done in the transaction that commits.
    pub(super) fn run_with<W: PreparedWrite, T>(
        &self,
        by: Authority,
        write: &mut W,
        finish: impl Fn(&mut WriteTx, W::Done) -> Result<T>,
    ) -> Result<T> {
        let mut prepared = write.unprepared();
        if prepared.is_none() {
            prepared = Some(self.prepare(by, write, None)?);
        }
        for _ in 0..PREPARED_AGAIN {
            let Some(ready) = &prepared else { break };
            let committed = self.write_as(write.sharing(), by, |tx| match write.commit(tx, ready)? {
                Commit::Done(done) => finish(tx, done),
                Commit::Outdated => Err(Error::Outdated),
            });
            match committed {
                Err(Error::Outdated) => prepared = Some(self.prepare(by, write, prepared)?),
                other => return other,
            }
        }
        let sharing = write.sharing();
        self.write_as(sharing, by, |tx| {
            let done = prepared_inside(tx, write, prepared)?;
            finish(tx, done)
        })
    }
}

/// Does both parts of a write in a transaction that is open.
pub fn run_inside<W: PreparedWrite>(tx: &mut WriteTx, mut write: W) -> Result<W::Done> {
    prepared_inside(tx, &mut write, None)
}

fn prepared_inside<W: PreparedWrite>(tx: &mut WriteTx, write: &mut W, earlier: Option<W::Prepared>) -> Result<W::Done> {
    let prepared = write.prepare(tx, earlier)?;
    match write.commit(tx, &prepared)? {
        Commit::Done(done) => Ok(done),
        Commit::Outdated => Err(Error::Internal("what was just prepared does not hold".into())),
    }
}

/// How often a write is prepared again before nobody else may write meanwhile.
const PREPARED_AGAIN: usize = 4;

/// A write in two parts: what costs is done first, while others write.
pub trait PreparedWrite {
    type Prepared;
    type Done;

    /// Reads, on one state of the archive, and does everything that costs. `earlier` is what was prepared on a state that
    /// has passed.
    fn prepare(&mut self, tx: &mut ReadTx, earlier: Option<Self::Prepared>) -> Result<Self::Prepared>;

    /// Looks whether what was prepared still holds, and writes.
    fn commit(&self, tx: &mut WriteTx, prepared: &Self::Prepared) -> Result<Commit<Self::Done>>;

    /// What stands for the preparation where there is nothing to prepare.
    fn unprepared(&self) -> Option<Self::Prepared> {
        None
    }

    /// Whether it may share its transaction.
    fn sharing(&self) -> Sharing {
        Sharing::Shared
    }
}

/// What became of a write that was prepared.
#[derive(Debug)]
pub enum Commit<T> {
    Done(T),
    /// What it was prepared on has changed. Nothing of it is kept.
    Outdated,
}

/// The account of a caller, if it may still do what it could when the request came in.
pub fn look_again(tx: &mut ReadTx, actor: &Actor, now: i64) -> Result<UserRow> {
    let user = match &actor.credential {
        Credential::Session { id } => {
            // It was used a moment ago: it is not idle.
            let used = RunningAt { now, idle_since: i64::MIN };
            let open = tx.session(id)?.filter(|(session, user)| session.is_running(used) && !user.disabled);
            open.map(|(_, user)| user).ok_or(Error::InvalidToken("its session has ended"))?
        }
        Credential::Key { id, .. } => {
            let (key, user) = (tx.api_key(id)?, tx.user(&actor.user_id)?);
            let valid = key.zip(user).filter(|(key, user)| key_fault(key, user, now).is_none());
            valid.map(|(_, user)| user).ok_or(Error::InvalidToken("it is revoked"))?
        }
        Credential::Operator => return Err(Error::InvalidToken("an operator acts at the machine")),
        Credential::Job { .. } => return Err(Error::InvalidToken("a job is no caller")),
    };
    // The name stands in the record of what they do.
    if user.id != actor.user_id || user.role != actor.role.as_str() || user.username != actor.username {
        return Err(Error::RightsChanged);
    }
    Ok(user)
}

/// Refuses to go on with a job whose owner has lost the role that it was started with.
fn still_has_role(tx: &mut ReadTx, actor: &Actor) -> Result<()> {
    let user = tx.user(&actor.user_id)?.filter(|user| !user.disabled && user.role == actor.role.as_str());
    user.map(|_| ()).ok_or(Error::Forbidden("the account that started the job may not do this any more"))
}

/// Why an API key does not open, though it is the right one.
pub fn key_fault(key: &ApiKeyRow, owner: &UserRow, now: i64) -> Option<&'static str> {
    match key {
        _ if key.user_id != owner.id => Some("of another account"),
        _ if owner.disabled => Some("disabled"),
        key if key.revoked_at.is_some() => Some("revoked"),
        key if key.expires_at.is_some_and(|at| at <= now) => Some("expired"),
        _ => None,
    }
}
