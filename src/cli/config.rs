//! Settings by flag, environment or file, in that order: the file gives the defaults.

use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches, Parser};

/// Shown at the end of `--help`.
pub const HELP: &str = "Every option can also be set in the environment (KARTOTEKA_…, as --help of each command shows) or in a TOML \
file named by --config or KARTOTEKA_CONFIG, by its long name with underscores: database_url = \"postgres://…\". \
A flag counts before the environment, and that before the file.";

const CONFIG: &str = "config";
const CONFIG_ENV: &str = "KARTOTEKA_CONFIG";

/// Reads the command line. Prints help and faults of the line itself, and exits, as `clap` does.
pub fn parse<T: Parser + CommandFactory + FromArgMatches>() -> Result<T, String> {
    let arg =
        Arg::new(CONFIG).long(CONFIG).env(CONFIG_ENV).global(true).value_name("FILE").help("Settings as a TOML file");
    let mut command = T::command().arg(arg);
    if let Some(path) = file() {
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{path}: {e}"))?;
        command = with_defaults(command, &text).map_err(|e| format!("{path}: {e}"))?;
    }
    let matches: ArgMatches = command.get_matches();
    T::from_arg_matches(&matches).map_err(|e| e.to_string())
}

/// The file has to be known before the line is read, since it changes what the line means.
fn file() -> Option<String> {
    let args: Vec<String> = std::env::args().collect();
    let flag = format!("--{CONFIG}");
    let by_flag = args.iter().enumerate().find_map(|(i, arg)| match arg.strip_prefix(&flag) {
        Some("") => args.get(i + 1).cloned(),
        Some(rest) => rest.strip_prefix('=').map(str::to_owned),
        None => None,
    });
    by_flag.or_else(|| std::env::var(CONFIG_ENV).ok())
}

/// Puts the values of a TOML file in place of the defaults of the options with their names, in every command.
fn with_defaults(command: Command, text: &str) -> Result<Command, String> {
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| e.message().to_owned())?;
    let mut values = Vec::new();
    for (name, value) in table {
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(yes) => yes.to_string(),
            _ => return Err(format!("{name} is neither text nor a number nor true or false")),
        };
        values.push((name, value));
    }
    let mut used = vec![false; values.len()];
    let command = set(command, &values, &mut used);
    match used.iter().position(|used| !used) {
        Some(i) => Err(format!("there is no option {}", values[i].0)),
        None => Ok(command),
    }
}

fn set(mut command: Command, values: &[(String, String)], used: &mut [bool]) -> Command {
    for ((name, value), used) in values.iter().zip(used.iter_mut()) {
        if command.get_arguments().any(|a| a.get_id() == name.as_str() && a.get_long().is_some()) {
            *used = true;
            command = command.mut_arg(name, |arg| arg.default_value(value.clone()));
        }
    }
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(name, |inner| set(inner, values, used));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        let option = Arg::new("listen").long("listen").default_value("a");
        Command::new("x").subcommand(Command::new("serve").arg(option))
    }

    #[test]
    fn the_file_gives_defaults_and_the_line_overrides_them() {
        let read = |line: &[&str]| {
            let matches = with_defaults(command(), "listen = \"b\"").unwrap().get_matches_from(line);
            matches.subcommand().unwrap().1.get_one::<String>("listen").unwrap().clone()
        };
        assert_eq!(read(&["x", "serve"]), "b");
        assert_eq!(read(&["x", "serve", "--listen", "c"]), "c");
    }

    #[test]
    fn a_name_that_no_command_has_is_refused() {
        assert_eq!(with_defaults(command(), "lisen = 1").unwrap_err(), "there is no option lisen");
    }
}
