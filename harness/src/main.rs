//! The command line: reads it, runs the suite, writes reports, and answers with an exit code.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    if let Some(code) = mcp_authspec::driver::run_as_guard_if_asked() {
        return code;
    }
    let arguments = cli::Arguments::parse();
    match cli::dispatch(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            anstream::eprintln!(
                "{}error:{} {error}",
                anstyle::AnsiColor::Red.on_default().bold().render(),
                anstyle::Reset.render()
            );
            ExitCode::from(error.exit_code())
        }
    }
}
