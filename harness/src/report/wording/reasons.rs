//! Sentences for what the judge says in data: reasons, stages, gains of attackers.

use crate::judge::{
    AttackerGain, CapabilityGap, GainKind, InsteadOfFailure, MissingCapability, NotRunReason,
    Reason, Stage,
};
use crate::report::model::PrintableText;
use crate::requirements::Capability;

/// `the client stopped after the authorization response`
pub(crate) fn describe_stop(stage: Stage) -> String {
    match stage {
        Stage::Goal => "the client reached its goal".to_owned(),
        _ => format!("the client stopped {}", describe_stage(stage)),
    }
}

/// `after the authorization response`
pub(crate) fn describe_stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Nothing => "before it sent anything",
        Stage::McpRequest => "before it received any metadata",
        Stage::ResourceMetadata => "after the protected resource metadata",
        Stage::ServerMetadata => "after the authorization server's metadata",
        Stage::Registration => "after the registration",
        Stage::AuthorizationRequest => "at the authorization endpoint",
        Stage::AuthorizationResponse => "after the authorization response",
        Stage::TokenResponse => "after the token response",
        Stage::CallAccepted => "after its first accepted request to the MCP server",
        Stage::ToolCalled => "after a tool call",
        Stage::Goal => "at the goal",
    }
}

/// Why a check has its verdict or level, as a clause without a full stop.
pub(crate) fn describe_reason(reason: &Reason) -> PrintableText {
    reason_clause(reason).into()
}

/// Why a case was not run, as a clause without a full stop.
pub(crate) fn describe_not_run(reason: &NotRunReason) -> PrintableText {
    not_run_clause(reason).into()
}

/// What an attacker obtained, as a clause without a full stop.
pub(crate) fn describe_gain(gain: &AttackerGain) -> PrintableText {
    gain_clause(gain).into()
}

fn reason_clause(reason: &Reason) -> String {
    match reason {
        Reason::NotRun(reason) => not_run_clause(reason),
        Reason::CapabilityNeeded(missing) => describe_missing("needs", missing),
        Reason::ControlFailed => {
            "the control run, the same world without the deviation, did not reach its goal either"
                .to_owned()
        }
        Reason::ControlNotRun => {
            "the control run, the same world without the deviation, was not run".to_owned()
        }
        Reason::BaitNotDelivered { deviation, stopped } => {
            let stage = describe_stage(*stopped);
            format!("`{deviation}` was never delivered; the client stopped {stage}")
        }
        Reason::Stopped { stopped } => format!("the client stopped {}", describe_stage(*stopped)),
        Reason::NothingShown { stopped } => {
            let stage = describe_stage(*stopped);
            format!("nothing in this run shows it; the client stopped {stage}")
        }
        Reason::NotAllSearched => {
            "the client wrote or left more than could be searched in the time for it".to_owned()
        }
        Reason::NotObserved => {
            "a person drove the client, so its output, its files and its end were not observed"
                .to_owned()
        }
        Reason::NeverDone => "the client never does this".to_owned(),
        Reason::NothingToJudge => "no run showed anything to judge".to_owned(),
        Reason::NothingToJudgeInSelection => {
            "the selected cases showed nothing to judge".to_owned()
        }
        Reason::NotBinding { revision } => format!("does not bind in {revision}"),
        Reason::BindsOnlyWith(missing) => describe_restriction(missing),
        Reason::WarningOnly { capability } => format!(
            "a warning only: binds clients with `{capability}`, which this one does not declare"
        ),
        Reason::LevelWithCapability { level, capability } => {
            format!("{level} only for clients with `{capability}`")
        }
        Reason::LevelOfCase { explanation } => explanation.clone(),
        Reason::ScoredLater { revision } => format!("unscored: counts from {revision} on"),
        Reason::NotInFrozenSet { revision } => {
            format!("unscored: not in the frozen set of {revision}")
        }
    }
}

fn not_run_clause(reason: &NotRunReason) -> String {
    match reason {
        NotRunReason::CapabilityMissing(missing) => describe_missing("needs", missing),
        NotRunReason::FacilityMissing { facility } => format!("needs {facility}"),
        NotRunReason::NoPrivateNetwork { problem } => {
            format!("needs private-network: {problem}")
        }
        NotRunReason::OwnBrowser => {
            "needs the suite's own browser, and a person's was used".to_owned()
        }
        NotRunReason::Skipped => "it was skipped".to_owned(),
        NotRunReason::Interrupted => "the run was interrupted before".to_owned(),
        NotRunReason::EndedByFailure { case } => {
            format!("{case} failed, and the first failure ends this run")
        }
        NotRunReason::ClientSilent { runs } => {
            format!("the client had sent nothing in any of the first {runs} runs")
        }
        NotRunReason::HarnessFault { message } => message.clone(),
        NotRunReason::Recorded { text } => text.clone(),
    }
}

fn describe_missing(verb: &str, missing: &MissingCapability) -> String {
    let capability = missing.capability;
    match &missing.gap {
        CapabilityGap::NotShown => {
            format!("{verb} `{capability}`, which the client neither declares nor shows")
        }
        gap => format!("{verb} `{capability}`, {}", describe_declared_gap(gap)),
    }
}

fn describe_restriction(missing: &MissingCapability) -> String {
    let capability = missing.capability;
    match &missing.gap {
        CapabilityGap::NotShown => {
            format!("binds clients with `{capability}`, which this one neither declares nor shows")
        }
        gap => format!(
            "binds clients with `{capability}`, {}",
            describe_declared_gap(gap)
        ),
    }
}

fn describe_declared_gap(gap: &CapabilityGap) -> String {
    match gap {
        CapabilityGap::DeclaredLacking => "which the client is declared to lack".to_owned(),
        CapabilityGap::CannotBeUsed { explanation } => {
            format!("which the client cannot be made to use: {explanation}")
        }
        CapabilityGap::NotShown => "which the client neither declares nor shows".to_owned(),
    }
}

/// A declaration that the transcripts contradict, as a clause without a full stop.
pub(crate) fn describe_contradiction(capability: Capability) -> String {
    format!("the client is declared to lack `{capability}`, and a transcript shows that it has it")
}

fn gain_clause(gain: &AttackerGain) -> String {
    let at = &gain.at;
    let attacker = gain.attacker.as_deref().unwrap_or("the attacker");
    match &gain.what {
        GainKind::CodeRedeemed => {
            format!("`{attacker}` redeemed the victim's authorization code at `{at}`")
        }
        GainKind::TokenReplayed => format!(
            "`{attacker}` used the victim's access token at `{at}` and read the victim's tool list"
        ),
        GainKind::TokenRefreshed => format!(
            "`{attacker}` turned the victim's refresh token into a new access token at `{at}`"
        ),
        GainKind::ClientImpersonated => {
            format!("`{attacker}` signed in at `{at}` with the client's own credentials")
        }
        GainKind::CodeInjected => format!(
            "the victim's client took the attacker's code: it now works in the attacker's account \
             at `{at}`"
        ),
        GainKind::Unknown(what) => format!("`{attacker}` at `{at}`: {what}"),
    }
}

/// What happens instead of a failure that a baseline expects, as the rest of a sentence.
pub(crate) fn describe_instead_of_failure(now: &InsteadOfFailure) -> String {
    let because = |reason: &Option<Reason>| match reason {
        Some(reason) => format!(": {}", describe_reason(reason)),
        None => String::new(),
    };
    match now {
        InsteadOfFailure::Passes => "passes".to_owned(),
        InsteadOfFailure::NotExercised { reason } => {
            format!(
                "is not exercised, which fails nothing here{}",
                because(reason)
            )
        }
        InsteadOfFailure::NotApplicable { reason } => {
            format!("is not applicable{}", because(reason))
        }
        InsteadOfFailure::NotChecked => "shows nothing that could fail".to_owned(),
    }
}

/// What to do about an outdated entry of a baseline.
pub(crate) const HELP_FOR_OUTDATED: &str = "remove the entry (`mcp-authspec baseline update` \
                                            does), or name the revisions in which it fails with \
                                            `spec`";
