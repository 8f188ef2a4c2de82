//! `completions` and `man`: what is made from the definition of the command line itself, so that it
//! is never out of date.

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::{Arguments, CliError};

/// The script that teaches a shell our commands and options.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<String, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut Arguments::command(),
        "mcp-authspec",
        &mut script,
    );
    text(script)
}

/// The manual: one page, with the options of each command under a heading of its own.
pub(super) fn manual() -> Result<String, CliError> {
    let mut page = Vec::new();
    write_manual(&mut page).map_err(|error| CliError::Harness(error.to_string()))?;
    text(page)
}

fn write_manual(page: &mut Vec<u8>) -> std::io::Result<()> {
    let mut program = Arguments::command();
    program.build();
    let man = Man::new(program.clone());
    man.render_title(page)?;
    // examples keep their columns
    page.extend(b".ad l\n");
    man.render_name_section(page)?;
    man.render_description_section(page)?;
    for command in program
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
    {
        page.extend(
            format!(
                ".SH \"MCP-AUTHSPEC {}\"\n",
                command.get_name().to_uppercase()
            )
            .into_bytes(),
        );
        options(command.clone(), page)?;
    }
    man.render_extra_section(page)
}

fn options(command: Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let man = Man::new(command);
    man.render_description_section(page)?;
    man.render_options_section(page)
}

fn text(bytes: Vec<u8>) -> Result<String, CliError> {
    String::from_utf8(bytes).map_err(|error| CliError::Harness(error.to_string()))
}
