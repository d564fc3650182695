//! `pzip`: parse, dispatch, exit.

mod args;
mod create_args;
mod edit_args;
mod encrypt_args;
mod exit;
mod extract_args;
mod file_args;
mod gather;
mod input_args;
mod limits;
mod output;
mod password;
mod pipeline;
mod sealed;
mod volume_args;
mod zone;

mod open;
mod progress;
mod reproducible;
mod select;
mod spooled;

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
        Command::Update(args) => commands::update::run(args, &cli.common),
        Command::Delete(args) => commands::delete::run(args, &cli.common),
        Command::Rename(args) => commands::rename::run(args, &cli.common),
        Command::Merge(args) => commands::merge::run(args, &cli.common),
        Command::Cat(args) => commands::cat::run(args),
        Command::Seal(args) => commands::seal::run(args, &cli.common),
        Command::Unseal(args) => commands::unseal::run(args, &cli.common),
        Command::Split(args) => commands::split::run(args, &cli.common),
        Command::Join(args) => commands::join::run(args, &cli.common),
        Command::Stream(args) => commands::stream::run(args, &cli.common),
        #[cfg(all(feature = "serve", unix))]
        Command::Serve(args) => commands::serve::run(args, &cli.common),
        Command::Completions(args) => commands::manual::completions(args.shell),
        Command::Man => commands::manual::man(),
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
