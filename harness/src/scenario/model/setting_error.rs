//! Why a setting cannot get a value.

use super::role_kind::RoleKind;
use super::setting_kind::InvalidValue;
use crate::scenario::suggest;
use crate::words::UnknownWord;

/// Why a setting cannot get a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    #[error("{} has no setting `{setting}`", role.with_article())]
    NoSuchSetting {
        role: RoleKind,
        setting: String,
        /// The settings of such a party.
        known: Vec<&'static str>,
    },
    #[error("invalid value for the setting `{setting}`: expected {expected}")]
    WrongKind {
        setting: String,
        expected: &'static str,
    },
    #[error("unknown value `{}` for the setting `{setting}`", .unknown.word)]
    UnknownWord {
        setting: String,
        unknown: UnknownWord,
    },
}

impl SettingError {
    /// The error of one setting.
    pub(super) fn of(setting: &str, invalid: InvalidValue) -> Self {
        let setting = setting.to_owned();
        match invalid {
            InvalidValue::Expected(expected) => Self::WrongKind { setting, expected },
            InvalidValue::UnknownWord(unknown) => Self::UnknownWord { setting, unknown },
        }
    }

    /// What to write instead, where the message does not say it already.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::NoSuchSetting { setting, known, .. } => {
                Some(suggest::instead(setting, known.iter().copied()))
            }
            Self::WrongKind { .. } => None,
            Self::UnknownWord { unknown, .. } => Some(suggest::instead(
                &unknown.word,
                unknown.known.iter().copied(),
            )),
        }
    }
}
