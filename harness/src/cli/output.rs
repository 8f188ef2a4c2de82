//! Which reports are wanted and where they go: `--format`, `--output`, `--report`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use mcp_authspec::report::{Format, Report, TextStyle, render};

use super::{CliError, print, width};

/// Options of every command that reports.
#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Form of the report [default: console]
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    format: Option<Format>,
    /// Write the report to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// One more report, into a file (`-`: standard output). Can be given more than once: `--report
    /// junit=out.xml --report html=out.html`
    #[arg(long, value_name = "FORMAT=FILE", value_parser = wanted)]
    report: Vec<Wanted>,
    /// Show every requirement and the full timeline
    #[arg(long, short)]
    verbose: bool,
    /// Show codes, tokens and secrets as they are instead of by tags such as `as.code#1`
    #[arg(long)]
    show_secrets: bool,
}

impl ReportArguments {
    pub(crate) fn shows_secrets(&self) -> bool {
        self.show_secrets
    }
}

/// One document and its place; `None` is standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    format: Format,
    file: Option<PathBuf>,
}

/// All documents to write.
pub(crate) struct Outputs {
    wanted: Vec<Wanted>,
    verbose: bool,
}

impl Outputs {
    /// Checks what can be checked before the run: a long run should not end with nowhere to write.
    pub(crate) fn of(arguments: &ReportArguments) -> Result<Self, CliError> {
        let mut wanted = arguments.report.clone();
        let format = arguments.format.unwrap_or(Format::Console);
        match &arguments.output {
            Some(file) => wanted.insert(
                0,
                Wanted {
                    format,
                    file: Some(file.clone()),
                },
            ),
            // asking for another report there says that the usual one is not wanted
            None if arguments.format.is_none() && wanted.iter().any(|w| w.file.is_none()) => {}
            None => wanted.insert(0, Wanted { format, file: None }),
        }
        for (index, one) in wanted.iter().enumerate() {
            if wanted[..index].iter().any(|other| other.file == one.file) {
                let place = one
                    .file
                    .as_deref()
                    .map_or("standard output".into(), Path::to_string_lossy);
                return Err(CliError::Usage(format!(
                    "two reports are to go to {place}\n  help: give each a file of its own: --report FORMAT=FILE"
                )));
            }
            if let Some(file) = &one.file {
                let folder = folder_of(file);
                if !folder.is_dir() {
                    return Err(unwritable(
                        file,
                        std::io::Error::new(std::io::ErrorKind::NotFound, "no such folder"),
                    ));
                }
            }
        }
        Ok(Self {
            wanted,
            verbose: arguments.verbose,
        })
    }

    /// Writes all of them. One that cannot be written keeps none of the others from being so.
    pub(crate) fn write(&self, reports: &[Report]) -> Result<(), CliError> {
        let results: Vec<Result<(), CliError>> = self
            .wanted
            .iter()
            .map(|wanted| self.write_one(wanted, reports))
            .collect();
        results.into_iter().collect()
    }

    fn write_one(&self, wanted: &Wanted, reports: &[Report]) -> Result<(), CliError> {
        let style = match wanted.file {
            Some(_) => TextStyle {
                verbose: self.verbose,
                ..TextStyle::default()
            },
            None => style_of_output(self.verbose),
        };
        let text =
            render(wanted.format, reports, &style).map_err(|e| CliError::Harness(e.to_string()))?;
        match &wanted.file {
            None => print(&text).map(|_| ()),
            Some(file) => write_whole(file, &text).map_err(|source| unwritable(file, source)),
        }
    }
}

/// How text looks on standard output: as wide as a terminal, coloured where that is wanted.
pub(super) fn style_of_output(verbose: bool) -> TextStyle {
    let colour = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    TextStyle {
        colour,
        width: width(),
        verbose,
    }
}

/// Writes a file whole or not at all: a reader never sees half of it, and what was there stays
/// until all is written.
pub(super) fn write_whole(file: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // a device or a pipe is written to; nothing can take its place
    if std::fs::metadata(file).is_ok_and(|found| !found.is_file()) {
        return std::fs::write(file, text);
    }
    // what a link leads to is written, not the link
    let file = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let usual = std::fs::Permissions::from_mode(0o666);
    let mut temporary = tempfile::Builder::new()
        .prefix(".mcp-authspec-")
        .permissions(usual)
        .tempfile_in(folder_of(&file))?;
    temporary.write_all(text.as_bytes())?;
    temporary
        .persist(&file)
        .map(|_| ())
        .map_err(|error| error.error)
}

fn folder_of(file: &Path) -> &Path {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn unwritable(file: &Path, source: std::io::Error) -> CliError {
    CliError::Write {
        what: file.display().to_string(),
        source,
    }
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    let words = Format::ALL.iter().map(|format| format.as_str());
    PossibleValuesParser::new(words).try_map(|word| word.parse::<Format>())
}

/// `junit=out.xml`, `json=-`, `json`.
fn wanted(text: &str) -> Result<Wanted, String> {
    let (word, file) = text.split_once('=').unwrap_or((text, "-"));
    let format = word.parse::<Format>().map_err(|e| e.to_string())?;
    match file {
        "" => Err(format!("a file is missing after `{word}=`")),
        "-" => Ok(Wanted { format, file: None }),
        file => Ok(Wanted {
            format,
            file: Some(file.into()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(format: Option<Format>, output: Option<&str>, report: &[&str]) -> ReportArguments {
        let report = report.iter().map(|text| wanted(text).unwrap()).collect();
        ReportArguments {
            format,
            output: output.map(PathBuf::from),
            report,
            verbose: false,
            show_secrets: false,
        }
    }

    fn places(arguments: &ReportArguments) -> Result<Vec<String>, String> {
        let outputs = Outputs::of(arguments).map_err(|error| error.to_string())?;
        let place = |w: &Wanted| {
            format!(
                "{} to {}",
                w.format,
                w.file
                    .as_ref()
                    .map_or("-".into(), |file| file.display().to_string())
            )
        };
        Ok(outputs.wanted.iter().map(place).collect())
    }

    #[test]
    fn the_usual_report_is_printed_unless_another_is() {
        assert_eq!(
            places(&arguments(None, None, &[])).unwrap(),
            ["console to -"]
        );
        assert_eq!(
            places(&arguments(None, None, &["json=a.json"])).unwrap(),
            ["console to -", "json to a.json"]
        );
        assert_eq!(
            places(&arguments(None, None, &["json"])).unwrap(),
            ["json to -"]
        );
        assert_eq!(
            places(&arguments(Some(Format::Json), Some("a"), &["console"])).unwrap(),
            ["json to a", "console to -"]
        );
    }

    #[test]
    fn two_reports_need_two_places() {
        assert!(
            places(&arguments(None, None, &["json", "console=-"]))
                .unwrap_err()
                .contains("standard output")
        );
        assert!(
            places(&arguments(Some(Format::Console), None, &["json=-"]))
                .unwrap_err()
                .contains("standard output")
        );
        assert!(
            places(&arguments(None, Some("a"), &["json=a"]))
                .unwrap_err()
                .contains("two reports are to go to a")
        );
    }

    #[test]
    fn forms_and_files_are_parsed() {
        assert_eq!(
            wanted("json=a=b"),
            Ok(Wanted {
                format: Format::Json,
                file: Some("a=b".into())
            })
        );
        assert!(wanted("yaml=a").unwrap_err().contains("console, json"));
        assert!(wanted("json=").is_err());
    }

    #[test]
    fn a_file_is_replaced_whole_and_keeps_its_links() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a"), folder.path().join("b"));
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_whole(&file, "one").unwrap();
        write_whole(&link, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "two");
        assert!(link.is_symlink());
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            2,
            "no temporary file is left"
        );
        write_whole(Path::new("/dev/null"), "three").unwrap();
        assert!(write_whole(&folder.path().join("none/c"), "four").is_err());
    }
}
