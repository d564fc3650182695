//! `pzip completions` and `pzip man`: what is printed comes from the grammar itself.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::args::Cli;
use crate::exit::{Failure, Outcome};

/// Prints completions.
pub(crate) fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "pzip", &mut text);
    print(&text)
}

/// Prints one page with everything: the command, then each of its commands.
pub(crate) fn man() -> Outcome {
    let mut text = Vec::new();
    render(&mut text).and_then(|()| print_io(&text)).map_err(|error| Failure::output(&error))
}

fn render(text: &mut Vec<u8>) -> io::Result<()> {
    let mut cli = Cli::command();
    cli.build();
    let page = Man::new(cli.clone());
    page.render_title(text)?;
    page.render_name_section(text)?;
    page.render_synopsis_section(text)?;
    page.render_description_section(text)?;
    page.render_options_section(text)?;
    for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
        section(command, text)?;
    }
    page.render_extra_section(text)?;
    page.render_version_section(text)
}

/// One command as a section of the page.
fn section(command: &Command, text: &mut Vec<u8>) -> io::Result<()> {
    writeln!(text, ".SH \"PZIP {}\"", command.get_name().to_uppercase())?;
    let page = Man::new(command.clone());
    let mut body = Vec::new();
    page.render_description_section(&mut body)?;
    page.render_synopsis_section(&mut body)?;
    page.render_options_section(&mut body)?;
    page.render_extra_section(&mut body)?;
    // Sections of its own page are parts of this one.
    let body = String::from_utf8_lossy(&body).replace(".SH ", ".SS ");
    text.write_all(body.as_bytes())
}

fn print(text: &[u8]) -> Outcome {
    print_io(text).map_err(|error| Failure::output(&error))
}

fn print_io(text: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text)?;
    out.flush()
}
