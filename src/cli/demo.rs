//! The demo archive: data files of the project, loaded through the ordinary submission path by demo accounts.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::explain;
use crate::{
    access::{Passwords, Secret, create_user, reset_password},
    editorial::{Act, Context, Create, Move, NewSubmission, ProposedChange},
    model::{parts::EntryId, permissions::Role, workflow::Action},
    store::{self, WriteTx},
    usecase::{Actor, Archive, Authority, Credential, Error, IfMatch, Result as UseCaseResult, run_inside},
};

include!(concat!(env!("OUT_DIR"), "/demo_files.rs"));

/// Accounts of the demo.
const ACCOUNTS: &[(&str, Role)] =
    &[("editor", Role::Editor), ("editor2", Role::Editor), ("moderator", Role::Moderator), ("admin", Role::Admin)];

/// Remembers in the archive that the demo is in it.
const MARK: &str = "demo-loaded";

/// One submission of the demo.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoSubmission {
    summary: String,
    author: String,
    reviewer: String,
    decision: Decision,
    #[serde(default)]
    comment: Option<String>,
    changes: Vec<Value>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Approve,
    Reject,
    /// Left waiting in the queue.
    None,
}

/// Credentials of a demo account.
#[derive(Debug, Serialize)]
pub struct Credentials {
    username: &'static str,
    password: String,
    role: Role,
}

/// Loads the demo into an empty archive, or finds it loaded; gives every demo account a fresh password.
pub fn prepare(archive: &Archive, passwords: &Passwords) -> Result<Vec<Credentials>, String> {
    let is_loaded = archive.store.read(|tx| -> UseCaseResult<_> { Ok(tx.secret(MARK)?.is_some()) });
    let is_loaded = is_loaded.map_err(|e| explain(&e))?;
    let is_empty = archive.store.read(|tx| -> UseCaseResult<_> { Ok(tx.last_seq()? == 0) }).map_err(|e| explain(&e))?;
    if !is_loaded && !is_empty {
        return Err("the demo is loaded into an empty archive only; name another --database-url".into());
    }
    let credentials = accounts(archive, passwords).map_err(|e| explain(&e))?;
    if !is_loaded {
        load(archive)?;
    }
    Ok(credentials)
}

fn accounts(archive: &Archive, passwords: &Passwords) -> UseCaseResult<Vec<Credentials>> {
    let mut all = Vec::new();
    for (username, role) in ACCOUNTS.iter().copied() {
        let password = crate::access::random_secret().reveal().chars().take(20).collect::<String>();
        let secret = Secret::new(password.clone());
        let exists = archive.store.read(|tx| -> UseCaseResult<_> { Ok(tx.user_by_name(username)?.is_some()) })?;
        if exists {
            reset_password(archive, passwords, username, &secret)?;
        } else {
            create_user(archive, passwords, username, role, &secret)?;
        }
        all.push(Credentials { username, password, role });
    }
    Ok(all)
}

/// Loads everything in one transaction: after a crash there is all of the demo or nothing of it.
fn load(archive: &Archive) -> Result<(), String> {
    // The history of the demo is one of single approvals, whatever the archive asks for from now on.
    let archive = &Archive { desk: std::sync::Arc::default(), ..archive.clone() };
    let mut submissions: Vec<(String, DemoSubmission)> = Vec::new();
    for (file, text) in DEMO_FILES {
        let read: Vec<DemoSubmission> = serde_json::from_str(text).map_err(|e| format!("demo/{file}: {e}"))?;
        submissions.extend(read.into_iter().enumerate().map(|(i, s)| (format!("demo/{file} no. {}", i + 1), s)));
    }
    let mut ids = HashMap::new();
    let mut now = archive.now();
    let mut where_at = String::new();
    let loaded = archive.write(Authority::Operator, |tx| -> UseCaseResult<()> {
        for (place, submission) in submissions {
            where_at.clone_from(&place);
            // Every step at a time of its own, in order.
            now += 1_000;
            play(tx, archive, submission, &mut ids, now)?;
        }
        Ok(tx.insert_secret(MARK, "yes", now)?)
    });
    loaded.map_err(|e| format!("{where_at}: {}", explain(&e)))
}

fn play(
    tx: &mut WriteTx,
    archive: &Archive,
    submission: DemoSubmission,
    ids: &mut HashMap<String, String>,
    now: i64,
) -> UseCaseResult<()> {
    let author = actor(tx, &submission.author)?;
    let reviewer = actor(tx, &submission.reviewer)?;
    let changes = submission.changes.into_iter().map(|mut change| {
        name_entries(&mut change, ids);
        deserr::deserialize::<ProposedChange, _, _>(change).map_err(Error::Invalid)
    });
    let changes = changes.collect::<UseCaseResult<Vec<_>>>()?;
    let new = NewSubmission { summary: submission.summary, changes, draft: None };
    let view = run_inside(tx, Create::new(Context::new(archive.clone(), author, now), new))?;
    let condition = Some(IfMatch::Tags(vec![view.etag]));
    let action = match submission.decision {
        Decision::Approve => Action::Approve,
        Decision::Reject => Action::Reject,
        Decision::None => return Ok(()),
    };
    let act = Act { action, comment: submission.comment, override_reason: None };
    let context = Context::new(archive.clone(), reviewer, now + 1);
    run_inside(tx, Move::new(context, view.submission.id, condition, act))?;
    Ok(())
}

fn actor(tx: &mut WriteTx, username: &str) -> UseCaseResult<Actor> {
    let user = tx.user_by_name(username)?.ok_or(Error::NotFound("demo account"))?;
    let role = Role::parse(&user.role).ok_or(Error::NotFound("role"))?;
    Ok(Actor { user_id: user.id, username: user.username, role, credential: Credential::Operator })
}

/// Puts ids in place of the names that the files use: every text that is `@` and a name.
fn name_entries(value: &mut Value, ids: &mut HashMap<String, String>) {
    match value {
        Value::String(text) if text.starts_with('@') => {
            let id = ids.entry(text.clone()).or_insert_with(|| EntryId::new().as_str().to_owned());
            text.clone_from(id);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| name_entries(item, ids)),
        Value::Object(fields) => fields.values_mut().for_each(|item| name_entries(item, ids)),
        _ => {}
    }
}

/// Prints the credentials, and writes them to a file that only its owner can read.
pub fn announce(accounts: &[Credentials], file: Option<&str>) -> Result<(), String> {
    println!("The demo archive is loaded. Accounts, with passwords made for this start:");
    for account in accounts {
        println!("  {:<10} {}  ({})", account.username, account.password, account.role.as_str());
    }
    let Some(path) = file else { return Ok(()) };
    let text = serde_json::json!({"accounts": accounts}).to_string();
    store::write_private(path, &text).map_err(|e| format!("{path}: {e}"))
}
