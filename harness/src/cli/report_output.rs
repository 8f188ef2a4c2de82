//! Which reports are written and where: `--format`, `--output`, `--report`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::console::{output_style, print};
use super::error::CliError;
use crate::report::{Format, Report, TextStyle, render};

/// Options of every command that reports.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// Format of the report [default: console]
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    format: Option<Format>,
    /// Write the report to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write another report to a file (`-`: standard output). Can be given more than once:
    /// `--report junit=out.xml --report html=out.html`
    #[arg(long, value_name = "FORMAT=FILE", value_parser = parse_destination)]
    report: Vec<ReportDestination>,
    /// Show every requirement and the full timeline
    #[arg(long, short)]
    verbose: bool,
    /// Show codes, tokens and secrets as they are instead of by tags such as `as.code#1`
    #[arg(long)]
    show_secrets: bool,
}

impl ReportArguments {
    pub(super) const fn shows_secrets(&self) -> bool {
        self.show_secrets
    }
}

/// One report with its place; without a file, standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ReportDestination {
    format: Format,
    file: Option<PathBuf>,
}

/// A value of `--report` that is not FORMAT=FILE.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum InvalidDestination {
    #[error(transparent)]
    Format(#[from] crate::UnknownWord),
    #[error("a file is missing after `{0}=`")]
    NoFile(String),
}

/// All reports to write.
pub(super) struct ReportDestinations {
    destinations: Vec<ReportDestination>,
    verbose: bool,
}

impl ReportDestinations {
    /// Checks the places before the run, so that a long run does not end with nowhere to write.
    pub(super) fn new(arguments: &ReportArguments) -> Result<Self, CliError> {
        let mut destinations = arguments.report.clone();
        let format = arguments.format.unwrap_or(Format::Console);
        match &arguments.output {
            Some(file) => destinations.insert(
                0,
                ReportDestination {
                    format,
                    file: Some(file.clone()),
                },
            ),
            // `--report FORMAT=-` replaces the console report
            None if arguments.format.is_none()
                && destinations.iter().any(|one| one.file.is_none()) => {}
            None => destinations.insert(0, ReportDestination { format, file: None }),
        }
        check_destinations(&destinations)?;
        Ok(Self {
            destinations,
            verbose: arguments.verbose,
        })
    }

    /// Whether one of the reports shows what happened in every case.
    pub(super) fn need_all_timelines(&self) -> bool {
        let mut destinations = self.destinations.iter();
        destinations.any(|destination| destination.format == Format::Html)
    }

    /// Writes all reports. An error of one does not prevent the others.
    pub(super) fn write(&self, reports: &[Report]) -> Result<(), CliError> {
        let results: Vec<Result<(), CliError>> = self
            .destinations
            .iter()
            .map(|destination| self.write_one(destination, reports))
            .collect();
        results.into_iter().collect()
    }

    fn write_one(
        &self,
        destination: &ReportDestination,
        reports: &[Report],
    ) -> Result<(), CliError> {
        let style = match destination.file {
            Some(_) => TextStyle {
                verbose: self.verbose,
                ..TextStyle::default()
            },
            None => output_style(self.verbose),
        };
        let text = render(destination.format, reports, &style).map_err(CliError::harness)?;
        match &destination.file {
            None => print(&text).map(|_| ()),
            Some(file) => replace_file(file, &text).map_err(|source| CliError::write(file, source)),
        }
    }
}

/// Checks that no two reports have the same place, and that the folders exist.
fn check_destinations(destinations: &[ReportDestination]) -> Result<(), CliError> {
    for (index, one) in destinations.iter().enumerate() {
        if destinations[..index]
            .iter()
            .any(|other| other.file == one.file)
        {
            let place = one
                .file
                .as_deref()
                .map_or("standard output".into(), Path::to_string_lossy);
            return Err(CliError::Usage(format!(
                "two reports have the same destination, {place}\n  \
                 help: give each a file of its own: --report FORMAT=FILE"
            )));
        }
        if let Some(file) = &one.file
            && !folder_of(file).is_dir()
        {
            let source = std::io::Error::new(std::io::ErrorKind::NotFound, "no such folder");
            return Err(CliError::write(file, source));
        }
    }
    Ok(())
}

/// Replaces the content of a file in one step: the old content stays until the new one is complete,
/// and a reader never sees half of it.
pub(super) fn replace_file(file: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // a device or a pipe cannot be replaced
    if std::fs::metadata(file).is_ok_and(|found| !found.is_file()) {
        return std::fs::write(file, text);
    }
    // a symbolic link stays, and its target is replaced
    let file = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let permissions = std::fs::Permissions::from_mode(0o666);
    let mut temporary = tempfile::Builder::new()
        .prefix(".mcp-authspec-")
        .permissions(permissions)
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

fn format_parser() -> impl TypedValueParser<Value = Format> {
    let words = Format::ALL.iter().map(|format| format.as_str());
    PossibleValuesParser::new(words).try_map(|word| word.parse::<Format>())
}

/// Parses `junit=out.xml`, `json=-` or `json`.
fn parse_destination(text: &str) -> Result<ReportDestination, InvalidDestination> {
    let (word, file) = text.split_once('=').unwrap_or((text, "-"));
    let format = word.parse::<Format>()?;
    match file {
        "" => Err(InvalidDestination::NoFile(word.to_owned())),
        "-" => Ok(ReportDestination { format, file: None }),
        file => Ok(ReportDestination {
            format,
            file: Some(file.into()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(format: Option<Format>, output: Option<&str>, report: &[&str]) -> ReportArguments {
        let report = report
            .iter()
            .map(|text| parse_destination(text).unwrap())
            .collect();
        ReportArguments {
            format,
            output: output.map(PathBuf::from),
            report,
            verbose: false,
            show_secrets: false,
        }
    }

    fn places(arguments: &ReportArguments) -> Result<Vec<String>, String> {
        let all = ReportDestinations::new(arguments).map_err(|error| error.to_string())?;
        let place = |destination: &ReportDestination| {
            format!(
                "{} to {}",
                destination.format,
                destination
                    .file
                    .as_ref()
                    .map_or("-".into(), |file| file.display().to_string())
            )
        };
        Ok(all.destinations.iter().map(place).collect())
    }

    #[test]
    fn the_console_report_is_printed_unless_another_report_is() {
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
    fn two_reports_cannot_have_the_same_destination() {
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
                .contains("two reports have the same destination, a")
        );
    }

    #[test]
    fn formats_and_files_are_parsed() {
        assert_eq!(
            parse_destination("json=a=b"),
            Ok(ReportDestination {
                format: Format::Json,
                file: Some("a=b".into())
            })
        );
        assert!(parse_destination("yaml=a").is_err());
        assert!(parse_destination("json=").is_err());
    }

    #[test]
    fn a_file_is_replaced_in_one_step_and_links_to_it_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a"), folder.path().join("b"));
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace_file(&file, "one").unwrap();
        replace_file(&link, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "two");
        assert!(link.is_symlink());
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            2,
            "no temporary file is left"
        );
        replace_file(Path::new("/dev/null"), "three").unwrap();
        assert!(replace_file(&folder.path().join("none/c"), "four").is_err());
    }
}
