//! `pzip`: parse, dispatch, exit.

mod args;
mod exit;
mod output;
mod password;
mod pipeline;
mod sealed;
mod volume_args;

mod open;
mod progress;
mod select;

mod commands;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Command::Create(args) => commands::create::run(args, &cli.common),
        Command::Extract(args) => commands::extract::run(args, &cli.common),
        Command::List(args) => commands::list::run(args, &cli.common),
        Command::Test(args) => commands::test::run(args, &cli.common),
        Command::Lint(args) => commands::lint::run(args, &cli.common),
        Command::Cat(args) => commands::cat::run(args),
        Command::Seal(args) => commands::seal::run(args, &cli.common),
        Command::Unseal(args) => commands::unseal::run(args, &cli.common),
        Command::Split(args) => commands::split::run(args, &cli.common),
        Command::Join(args) => commands::join::run(args, &cli.common),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                output::complain(&failure.message);
            }
            failure.exit()
        }
    }
}
