//! `completions` and `man`: texts that are generated from the definition of the command line, so
//! that they cannot be out of date.

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::arguments::Arguments;
use super::error::CliError;

/// The script that completes commands and options in a shell.
pub(super) fn completions(shell: Shell) -> Result<String, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut Arguments::command(),
        "mcp-authspec",
        &mut script,
    );
    String::from_utf8(script).map_err(CliError::harness)
}

/// The manual: one page, with the options of each command under a heading of its own.
pub(super) fn manual() -> Result<String, CliError> {
    let mut page = Vec::new();
    write_manual(&mut page).map_err(CliError::harness)?;
    String::from_utf8(page).map_err(CliError::harness)
}

fn write_manual(page: &mut Vec<u8>) -> std::io::Result<()> {
    let mut program = Arguments::command();
    program.build();
    let man = Man::new(program.clone());
    man.render_title(page)?;
    // left-aligned text keeps the columns of the examples
    page.extend(b".ad l\n");
    man.render_name_section(page)?;
    man.render_description_section(page)?;
    let commands = program
        .get_subcommands()
        .filter(|command| command.get_name() != "help");
    for command in commands {
        let name = command.get_name().to_uppercase();
        page.extend(format!(".SH \"MCP-AUTHSPEC {name}\"\n").into_bytes());
        write_options(command.clone(), page)?;
    }
    man.render_extra_section(page)
}

fn write_options(command: Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let man = Man::new(command);
    man.render_description_section(page)?;
    man.render_options_section(page)
}
