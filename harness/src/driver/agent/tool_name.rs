//! Finds a tool of an MCP server among the tools that an agent offers to its model. Agents put
//! prefixes before the name and replace characters: `mcp__server__test-tool`, `server_test_tool`.

use super::conversation::OfferedTool;

/// How every tool of the mock MCP servers is described.
const DESCRIPTION: &str = "Does nothing.";

/// The offered tool that stands for the tool `wanted` of an MCP server.
///
/// An agent may have a tool of its own whose name ends in the same way, so a tool with the server's
/// description comes first, then the one with the shortest name.
pub(super) fn find_tool<'a>(offered: &'a [OfferedTool], wanted: &str) -> Option<&'a OfferedTool> {
    offered
        .iter()
        .filter(|tool| stands_for(&tool.name, wanted))
        .min_by_key(|tool| {
            (
                !tool.description.contains(DESCRIPTION),
                normalize(&tool.name).len(),
            )
        })
}

/// Whether a name that an agent uses stands for the tool `wanted`.
pub(super) fn stands_for(name: &str, wanted: &str) -> bool {
    normalize(name).ends_with(&normalize(wanted))
}

/// Whether a text, such as the arguments of a call, names the tool `wanted`.
pub(super) fn mentions(text: &str, wanted: &str) -> bool {
    normalize(text).contains(&normalize(wanted))
}

/// The shortest word of a text that stands for the tool `wanted`.
pub(super) fn find_name_in<'a>(text: &'a str, wanted: &str) -> Option<&'a str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.' | '/' | ':'))
        .map(|word| word.trim_matches(['.', ':', '/', '-']))
        .filter(|word| stands_for(word, wanted))
        .min_by_key(|word| word.len())
}

/// A name in lower case with its letters and digits alone.
fn normalize(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &str, description: &str) -> OfferedTool {
        OfferedTool {
            name: name.to_owned(),
            description: description.to_owned(),
            ..OfferedTool::default()
        }
    }

    #[test]
    fn names_of_real_agents_are_recognized() {
        for name in [
            "test-tool",
            "test_tool",
            "mcp__cut__test-tool",
            "mcp_cut_test-tool",
            "cut__test-tool",
            "localhost_10101_mcp__test-tool",
            "cut-test-tool",
            "cut.testTool",
        ] {
            assert!(stands_for(name, "test-tool"), "{name}");
        }
        assert!(!stands_for("test-tool-list", "test-tool"));
    }

    #[test]
    fn a_tool_of_the_agents_own_is_not_taken_for_one_of_the_server() {
        let offered = [
            tool("a", "Reads a file."),
            tool("cut_a", "[cut] Does nothing."),
        ];
        assert_eq!(find_tool(&offered, "a").unwrap().name, "cut_a");
    }

    #[test]
    fn the_shortest_name_is_found_in_a_text() {
        let text = "Found 2 tools:\n- mcp_cut.test_tool({}): Does nothing.\n- mcp_cut.x_test_tool";
        assert_eq!(find_name_in(text, "test-tool"), Some("mcp_cut.test_tool"));
    }

    proptest::proptest! {
        #[test]
        fn any_prefix_and_any_separators_are_seen_through(
            prefix in "[A-Za-z0-9_./:-]{0,40}",
            words in proptest::collection::vec("[a-z0-9]{1,8}", 1..4),
            separator in "[_.:/-]",
        ) {
            let wanted = words.join("-");
            let name = format!("{prefix}{separator}{}", words.join(&separator));
            proptest::prop_assert!(stands_for(&name, &wanted));
            let text = format!("use `{name}` now");
            proptest::prop_assert!(mentions(&text, &wanted));
        }
    }
}
