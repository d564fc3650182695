//! The checks and chores of this repository: `cargo xtask <verb>`.
//!
//! One file per verb; this one only holds their table. Every verb prints the commands it runs,
//! so that each of them can be repeated by hand.

mod bench;
mod command;
mod cross;
mod deps;
mod failure;
mod faults;
mod features;
mod floors;
mod fuzz;
mod lex;
mod model;
mod paths;
mod peers;
mod rivals;
mod sanitize;
mod test;
mod tidy;
mod workspace;

use std::env;
use std::process::ExitCode;

use crate::failure::Result;
use crate::workspace::Workspace;

struct Verb {
    name: &'static str,
    args: &'static str,
    about: &'static str,
    run: fn(&Workspace, &[String]) -> Result<()>,
}

const VERBS: [Verb; 13] = [
    Verb { name: "test", args: "", about: "all checks and tests: what CI runs", run: test::run },
    Verb { name: "ci", args: "", about: "the same as test", run: test::run },
    Verb {
        name: "peers",
        args: "",
        about: "install the foreign tools that tests compare with",
        run: peers::run,
    },
    Verb {
        name: "floors",
        args: "[--print]",
        about: "crates and modules only use lower floors; --print computes docs/floors.toml",
        run: floors::run,
    },
    Verb {
        name: "tidy",
        args: "",
        about: "the rules of docs/style.md that no compiler knows",
        run: tidy::run,
    },
    Verb {
        name: "features",
        args: "[CRATE..]",
        about: "build every crate with each feature alone, none and all",
        run: features::run,
    },
    Verb {
        name: "cross",
        args: "",
        about: "check the file crates for Windows and macOS, where their std is installed",
        run: cross::run,
    },
    Verb {
        name: "fuzz",
        args: "TARGET [SECONDS]",
        about: "run one fuzz target (60 s)",
        run: fuzz::run,
    },
    Verb {
        name: "model",
        args: "[SCHEDULES]",
        about: "the writer's threads in so many orders of their turns (200)",
        run: model::run,
    },
    Verb {
        name: "faults",
        args: "[KILLS]",
        about: "kill the command line so often in each of create, update, extract; fill its disk",
        run: faults::run,
    },
    Verb {
        name: "deps",
        args: "[--print]",
        about: "each crate brings as many packages as docs/deps.toml says; --print computes it",
        run: deps::run,
    },
    Verb {
        name: "sanitize",
        args: "",
        about: "the unsafe rooms under AddressSanitizer (nightly) and valgrind",
        run: sanitize::run,
    },
    Verb {
        name: "bench",
        args: "[NAME] [--quick]",
        about: "our benches, then the rivals in benches/versus; a report in target/bench",
        run: bench::run,
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let verb = args.first().map_or("help", String::as_str);
    if matches!(verb, "help" | "--help" | "-h") {
        println!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(found) = VERBS.iter().find(|known| known.name == verb) else {
        eprintln!("there is no verb `{verb}`\n\n{}", help());
        return ExitCode::from(2);
    };
    let workspace = Workspace::find(VERBS.iter().map(|verb| verb.name).collect());
    match workspace.and_then(|workspace| (found.run)(&workspace, &args[1..])) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let mut text = String::from("cargo xtask <verb>\n");
    for verb in &VERBS {
        let usage = format!("{} {}", verb.name, verb.args);
        text.push_str(&format!("\n  {usage:<24} {}", verb.about));
    }
    text
}
