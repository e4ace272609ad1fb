//! `kartoteka user` and `kartoteka keys`: what the operator does at the machine itself. All of it is audited.

use std::{io::Read, time::Duration};

use clap::{Args, Subcommand, ValueEnum};

use super::{
    explain,
    settings::{DatabaseArgs, PasswordArgs},
};
use crate::{
    access::{
        Secret, UserChange, change_user_as_operator, create_user, issue_reset_as_operator, keys_as_operator, list_keys,
        list_users, remove_totp_as_operator, rename_as_operator, reset_password, revoke_keys_as_operator, rotate_keys,
    },
    model::permissions::Role,
    store::UserFilter,
    usecase::Result as UseCaseResult,
};

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create an account; the password is read from standard input
    Create(CreateUserArgs),
    /// List accounts
    List(ListArgs),
    /// Give an account another role; its sessions end
    SetRole(SetRoleArgs),
    /// Give an account another name; what was recorded under the old one stays so, and nobody else gets it
    Rename(RenameArgs),
    /// Keep an account out, at once
    Disable(NameArgs),
    /// Let a disabled account in again
    Enable(NameArgs),
    /// Set a new password, or print a token with which its holder sets one
    ResetPassword(ResetPasswordArgs),
    /// List the API keys of an account that were not revoked
    Keys(NameArgs),
    /// Revoke the API keys of an account, all of them or one
    RevokeKeys(RevokeKeysArgs),
    /// Take the second factor of an account away: for who has lost it and the recovery codes
    RemoveTotp(NameArgs),
    /// Trust an editor: additive changes are accepted at once where the archive is served with --trust-editors
    Trust(TrustArgs),
}

#[derive(Debug, Args)]
pub struct NameArgs {
    /// Name of the account
    name: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Args)]
pub struct RenameArgs {
    /// Name of the account
    name: String,
    /// Its new name: letters from a to z, digits, dots, underscores, hyphens
    new_name: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only of this role
    #[arg(long, value_enum)]
    role: Option<RoleArg>,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Args)]
pub struct SetRoleArgs {
    /// Name of the account
    name: String,
    #[arg(value_enum)]
    role: RoleArg,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Args)]
pub struct ResetPasswordArgs {
    /// Name of the account
    name: String,
    /// Read the new password from standard input; without it a one-time token is printed
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    passwords: PasswordArgs,
}

#[derive(Debug, Args)]
pub struct RevokeKeysArgs {
    /// Name of the account
    name: String,
    /// Only the key with these letters after krt_
    #[arg(long)]
    prefix: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Args)]
pub struct TrustArgs {
    /// Name of the account
    name: String,
    /// Take the trust back
    #[arg(long)]
    off: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Args)]
pub struct CreateUserArgs {
    /// Name to sign in with: letters from a to z, digits, dots, underscores, hyphens; capitals become small
    name: String,
    #[arg(long, value_enum)]
    role: RoleArg,
    /// Read the password from standard input (there is no other way: arguments are seen by other users of the machine)
    #[arg(long, required = true)]
    password_stdin: bool,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    passwords: PasswordArgs,
}

/// A role as an argument.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleArg {
    Editor,
    Moderator,
    Admin,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Editor => Role::Editor,
            RoleArg::Moderator => Role::Moderator,
            RoleArg::Admin => Role::Admin,
        }
    }
}

pub fn user(command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Create(args) => create(&args),
        UserCommand::List(args) => list(&args),
        UserCommand::SetRole(args) => {
            let role = Role::from(args.role);
            let change = UserChange { role: Some(role), ..UserChange::default() };
            changed(&args.database, &args.name, change, role.as_str())
        }
        UserCommand::Rename(args) => {
            let renamed = rename_as_operator(&args.database.open()?, &args.name, &args.new_name);
            let (old, new) = renamed.map_err(|e| explain(&e))?;
            println!("{old} is {new} now");
            Ok(())
        }
        UserCommand::Disable(args) => switch(&args, true, "disabled"),
        UserCommand::Enable(args) => switch(&args, false, "enabled"),
        UserCommand::ResetPassword(args) => reset(&args),
        UserCommand::Keys(args) => list_api_keys(&args),
        UserCommand::RevokeKeys(args) => {
            let archive = args.database.open()?;
            let revoked = revoke_keys_as_operator(&archive, &args.name, args.prefix.as_deref());
            println!("revoked {} of {}", revoked.map_err(|e| explain(&e))?, args.name);
            Ok(())
        }
        UserCommand::RemoveTotp(args) => {
            remove_totp_as_operator(&args.database.open()?, &args.name).map_err(|e| explain(&e))?;
            println!("{} has no second factor any more", args.name);
            Ok(())
        }
        UserCommand::Trust(args) => {
            let change = UserChange { trusted: Some(!args.off), ..UserChange::default() };
            changed(&args.database, &args.name, change, if args.off { "not trusted" } else { "trusted" })
        }
    }
}

fn switch(args: &NameArgs, disabled: bool, what: &str) -> Result<(), String> {
    changed(&args.database, &args.name, UserChange { disabled: Some(disabled), ..UserChange::default() }, what)
}

fn changed(database: &DatabaseArgs, name: &str, change: UserChange, what: &str) -> Result<(), String> {
    change_user_as_operator(&database.open()?, name, change).map_err(|e| explain(&e))?;
    println!("{name} is {what}");
    Ok(())
}

/// The password on standard input, without the end of its line.
fn password_from_stdin() -> Result<Secret, String> {
    let mut password = String::new();
    // A password has at most 128 characters; a file that was meant for something else is not read to its end.
    std::io::stdin().take(4096).read_to_string(&mut password).map_err(|e| format!("standard input: {e}"))?;
    Ok(Secret::new(password.trim_end_matches(['\r', '\n'])))
}

fn create(args: &CreateUserArgs) -> Result<(), String> {
    let password = password_from_stdin()?;
    let archive = args.database.open()?;
    let passwords = args.passwords.passwords()?;
    let account =
        create_user(&archive, &passwords, &args.name, args.role.into(), &password).map_err(|e| explain(&e))?;
    println!("created {} ({})", account.username, account.role.as_str());
    Ok(())
}

fn list(args: &ListArgs) -> Result<(), String> {
    let archive = args.database.open()?;
    let role = args.role.map(|role| Role::from(role).as_str().to_owned());
    let filter = UserFilter { role, ..UserFilter::default() };
    let mut after: Option<String> = None;
    loop {
        let page = archive.store.read(|tx| -> UseCaseResult<_> { list_users(tx, &filter, after.as_deref(), 200) });
        let page = page.map_err(|e| explain(&e))?;
        for user in page.items {
            let mut marks = vec![user.role.as_str()];
            let switches = [(user.disabled, "disabled"), (user.trusted, "trusted"), (user.totp_enabled, "totp")];
            marks.extend(switches.iter().filter(|(is_set, _)| *is_set).map(|(_, mark)| *mark));
            println!("{:<40} {}", user.username, marks.join(", "));
        }
        match page.last {
            Some(last) => after = Some(last),
            None => return Ok(()),
        }
    }
}

fn list_api_keys(args: &NameArgs) -> Result<(), String> {
    for key in keys_as_operator(&args.database.open()?, &args.name).map_err(|e| explain(&e))? {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let ends = key.expires_at.unwrap_or_else(|| "never".to_owned());
        let used = key.last_used_at.unwrap_or_else(|| "never".to_owned());
        println!("{}  {}  ends {ends}  used {used}  {}", key.prefix, scopes.join(","), key.name);
    }
    Ok(())
}

fn reset(args: &ResetPasswordArgs) -> Result<(), String> {
    if args.password_stdin {
        let password = password_from_stdin()?;
        let passwords = args.passwords.passwords()?;
        reset_password(&args.database.open()?, &passwords, &args.name, &password).map_err(|e| explain(&e))?;
        println!("{} has a new password", args.name);
        return Ok(());
    }
    let reset = issue_reset_as_operator(&args.database.open()?, &args.name).map_err(|e| explain(&e))?;
    println!("{}", reset.reset_token.reveal());
    eprintln!(
        "With this token {} sets a new password at POST /v1/auth/reset-password, until {}.",
        args.name, reset.expires_at
    );
    Ok(())
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Sign access tokens with a new key; those of the old ones stay valid for a while
    Rotate(RotateArgs),
    /// List the keys that sign access tokens
    List(KeysListArgs),
}

#[derive(Debug, Args)]
pub struct RotateArgs {
    /// Minutes for which tokens of the old keys stay valid; 0 when an old key is known to others
    #[arg(long, default_value_t = 60, value_name = "N")]
    overlap_minutes: u64,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Args)]
pub struct KeysListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

pub fn keys(command: KeysCommand) -> Result<(), String> {
    match command {
        KeysCommand::Rotate(args) => {
            let overlap = Duration::from_secs(args.overlap_minutes.saturating_mul(60));
            let kid = rotate_keys(&args.database.open()?, overlap).map_err(|e| explain(&e))?;
            println!("{kid}");
            eprintln!("Running servers sign with this key within a minute.");
        }
        KeysCommand::List(args) => {
            for key in list_keys(&args.database.open()?).map_err(|e| explain(&e))? {
                let state = match (&key.retires_at, key.is_valid) {
                    (None, _) => "signs".to_owned(),
                    (Some(at), true) => format!("valid until {at}"),
                    (Some(at), false) => format!("retired {at}"),
                };
                println!("{}  made {}  {state}", key.kid, key.created_at);
            }
        }
    }
    Ok(())
}
