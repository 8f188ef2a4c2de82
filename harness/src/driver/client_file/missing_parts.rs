//! What a client file lacks, as far as that can be seen before anything is started.

use super::adapter::Adapter;
use super::client_file::ClientFile;

/// Something that a client file lacks, with what to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MissingPart {
    #[error("nothing says what to start\n  help: write `command = [\"program\", \"argument\"]`")]
    Command,
    #[error(
        "the agent never learns the address of the scripted model\n  help: write {{model_url}} \
         where the agent expects the base URL of its model's provider: in `env`, `files`, \
         `command`, `setup` or `login`"
    )]
    ModelUrl,
    #[error(
        "{{model_url}} has a value only with the adapter `agent`\n  help: write \
         `adapter = \"agent\"`"
    )]
    AgentAdapter,
    #[error(
        "the agent never learns the URL of the MCP server\n  help: write {{url}} where the agent \
         lists its servers: in `files`, `setup`, `login`, `env` or `command`"
    )]
    Url,
}

impl ClientFile {
    /// What the file lacks. A client without any of it cannot reach the goal of a case.
    pub fn missing_parts(&self) -> Vec<MissingPart> {
        let is_agent = self.adapter == Some(Adapter::Agent);
        let knows_model = self.mentions("{model_url}");
        let parts = [
            (MissingPart::Command, self.command.is_none()),
            (MissingPart::ModelUrl, is_agent && !knows_model),
            (MissingPart::AgentAdapter, !is_agent && knows_model),
            (MissingPart::Url, is_agent && !self.mentions("{url}")),
        ];
        parts
            .into_iter()
            .filter(|(_, is_missing)| *is_missing)
            .map(|(part, _)| part)
            .collect()
    }

    /// Whether a placeholder occurs in what the client is started with.
    pub(in crate::driver) fn mentions(&self, placeholder: &str) -> bool {
        let commands = [&self.setup, &self.login]
            .into_iter()
            .flatten()
            .flatten()
            .chain(&self.command)
            .chain(&self.with_credentials);
        let texts = commands
            .flatten()
            .chain(self.env.values())
            .chain(self.files.values());
        texts.into_iter().any(|text| text.contains(placeholder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(text: &str) -> Vec<MissingPart> {
        let file = ClientFile::parse("client.toml", std::path::Path::new("/f"), text);
        file.unwrap().missing_parts()
    }

    #[test]
    fn what_an_agent_lacks_is_told() {
        assert_eq!(missing("adapter = \"none\""), [MissingPart::Command]);
        assert_eq!(
            missing("adapter = \"agent\"\ncommand = [\"a\"]"),
            [MissingPart::ModelUrl, MissingPart::Url]
        );
        assert_eq!(
            missing("command = [\"a\", \"{url}\", \"{model_url}\"]"),
            [MissingPart::AgentAdapter]
        );
        let whole = "adapter = \"agent\"\ncommand = [\"a\"]\n[files]\n\
                     \"{home}/c\" = \"{url} {model_url}\"";
        assert_eq!(missing(whole), []);
    }
}
