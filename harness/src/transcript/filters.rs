//! The filters of placeholders: other spellings of an address or a secret.

use std::net::Ipv4Addr;

use crate::scenario::model::Filter;

/// The text, spelled as the filter says.
pub(super) fn apply_filter(filter: Filter, text: &str) -> String {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    match filter {
        Filter::Slash => format!("{text}/"),
        Filter::NoSlash => text.strip_suffix('/').unwrap_or(text).to_owned(),
        Filter::UpperHost => format!("{scheme}://{}{path}", authority.to_uppercase()),
        Filter::UpperScheme => format!("{}://{rest}", scheme.to_uppercase()),
        Filter::ZeroPort => match authority.rsplit_once(':') {
            Some((host, port)) => format!("{scheme}://{host}:0{port}{path}"),
            None => text.to_owned(),
        },
        Filter::DefaultPort => {
            let port = if scheme == "http" { 80 } else { 443 };
            format!("{scheme}://{authority}:{port}{path}")
        }
        Filter::PercentOne => match text.char_indices().next_back() {
            Some((last, c)) => format!("{}{}", &text[..last], percent_all(&c.to_string(), true)),
            None => String::new(),
        },
        Filter::PercentAll => percent_all(text, true),
        Filter::PercentAllLower => percent_all(text, false),
        Filter::JsonEscape => text
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect(),
        Filter::Nfd => decomposed(text),
        Filter::Flip => match text.char_indices().next_back() {
            Some((last, c)) => format!("{}{}", &text[..last], if c == 'A' { 'B' } else { 'A' }),
            None => "A".to_owned(),
        },
        Filter::AsHttp => format!("http://{rest}"),
        Filter::AnyAddress => match authority.rsplit_once(':') {
            Some((_, port)) => format!("{scheme}://0.0.0.0:{port}{path}"),
            None => format!("{scheme}://0.0.0.0{path}"),
        },
        Filter::OctalHost
        | Filter::HexHost
        | Filter::IntegerHost
        | Filter::ShortHost
        | Filter::MappedHost => match authority.parse() {
            Ok(address) => format!("{scheme}://{}{path}", respell_address(filter, address)),
            Err(_) => text.to_owned(),
        },
        Filter::UnicodeHost => {
            let (unicode, _) = idna::domain_to_unicode(authority);
            format!("{scheme}://{unicode}{path}")
        }
        Filter::FullWidthHost => with_first_letter(text, full_width),
        Filter::LookAlikeHost => with_first_letter(text, look_alike),
        Filter::NextLetterHost => with_first_letter(text, next_letter),
        Filter::FinalDot => match authority.rsplit_once(':') {
            Some((host, port)) => format!("{scheme}://{host}.:{port}{path}"),
            None => format!("{scheme}://{authority}.{path}"),
        },
    }
}

/// The URL with another first letter of its host. Names that are valid are written in ASCII.
fn with_first_letter(url: &str, replace: fn(char) -> char) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let mut rest = rest.chars();
    let first = rest.next().map(replace).unwrap_or_default();
    let respelled = format!("{first}{}", rest.as_str());
    let host_end = respelled.find(['/', ':']).unwrap_or(respelled.len());
    let (host, path) = respelled.split_at(host_end);
    let ascii = idna::domain_to_ascii(host).unwrap_or_default();
    // a form that is mapped to the usual one has to be seen as it is
    let host = if url.contains(&ascii) { host } else { &ascii };
    format!("{scheme}://{host}{path}")
}

/// The full-width form of a character (Unicode block "Halfwidth and Fullwidth Forms").
fn full_width(c: char) -> char {
    const DISTANCE: u32 = 0xfee0;
    let is_visible = c.is_ascii_graphic();
    let wide = is_visible.then(|| char::from_u32(u32::from(c) + DISTANCE));
    wide.flatten().unwrap_or(c)
}

/// A Cyrillic letter that looks like a Latin one.
fn look_alike(c: char) -> char {
    match c {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'i' => 'і',
        'o' => 'о',
        'p' => 'р',
        _ => 'х',
    }
}

fn next_letter(c: char) -> char {
    match c {
        'a'..='y' => char::from(c as u8 + 1),
        _ => 'a',
    }
}

/// An address in a notation that `inet_aton` and URL parsers know.
fn respell_address(filter: Filter, address: Ipv4Addr) -> String {
    let [first, second, third, fourth] = address.octets();
    match filter {
        Filter::OctalHost => format!("0{first:o}.0{second:o}.0{third:o}.0{fourth:o}"),
        Filter::HexHost => format!("{:#x}", address.to_bits()),
        Filter::IntegerHost => address.to_bits().to_string(),
        Filter::ShortHost => {
            let rest = u32::from_be_bytes([0, second, third, fourth]);
            format!("{first}.{rest}")
        }
        Filter::MappedHost => format!("[::ffff:{address}]"),
        _ => address.to_string(),
    }
}

fn percent_all(text: &str, upper: bool) -> String {
    text.bytes()
        .map(|b| {
            if upper {
                format!("%{b:02X}")
            } else {
                format!("%{b:02x}")
            }
        })
        .collect()
}

/// Unicode normalisation form D of a URL, whose non-ASCII characters are percent-encoded.
fn decomposed(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let plain = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    let encode = |c: char| {
        if c.is_ascii() {
            c.to_string()
        } else {
            percent_all(&c.to_string(), true)
        }
    };
    plain.nfd().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_respell_issuers() {
        let issuer = "http://localhost:8080/tenant";
        let spelled = |f| apply_filter(f, issuer);
        assert_eq!(spelled(Filter::Slash), "http://localhost:8080/tenant/");
        assert_eq!(spelled(Filter::UpperHost), "http://LOCALHOST:8080/tenant");
        assert_eq!(spelled(Filter::UpperScheme), "HTTP://localhost:8080/tenant");
        assert_eq!(spelled(Filter::ZeroPort), "http://localhost:08080/tenant");
        assert_eq!(
            apply_filter(Filter::DefaultPort, "https://as.example/t"),
            "https://as.example:443/t"
        );
        assert_eq!(
            spelled(Filter::PercentOne),
            "http://localhost:8080/tenan%74"
        );
        assert_eq!(apply_filter(Filter::PercentAllLower, "t/"), "%74%2f");
        assert_eq!(apply_filter(Filter::JsonEscape, "a/"), "\\u0061\\u002f");
        assert_eq!(apply_filter(Filter::Nfd, "/caf%C3%A9"), "/cafe%CC%81");
        assert_eq!(apply_filter(Filter::Flip, "xyA"), "xyB");
        assert_eq!(apply_filter(Filter::NoSlash, "x/"), "x");
        assert_eq!(spelled(Filter::AnyAddress), "http://0.0.0.0:8080/tenant");
        assert_eq!(spelled(Filter::FinalDot), "http://localhost.:8080/tenant");
    }

    #[test]
    fn internationalized_names_are_written_in_their_script() {
        let issuer = "https://xn--bcher-1-q2a.example/t";
        let spelled = apply_filter(Filter::UnicodeHost, issuer);
        assert_eq!(url::Url::parse(&spelled).unwrap().as_str(), issuer);
        assert!(!spelled.is_ascii());
    }

    #[test]
    fn names_look_like_others() {
        let spelled = |filter| apply_filter(filter, "https://as-1.example/t");
        let wide = spelled(Filter::FullWidthHost);
        assert_eq!(wide, "https://\u{ff41}s-1.example/t");
        assert_eq!(
            url::Url::parse(&wide).unwrap().as_str(),
            "https://as-1.example/t"
        );
        let twin = spelled(Filter::LookAlikeHost);
        assert_eq!(twin, "https://xn--s-1-5cd.example/t");
        let (unicode, _) = idna::domain_to_unicode("xn--s-1-5cd.example");
        assert_eq!(unicode, "\u{430}s-1.example");
        assert_eq!(spelled(Filter::NextLetterHost), "https://bs-1.example/t");
    }

    #[test]
    fn addresses_have_several_notations() {
        let spelled = |filter| apply_filter(filter, "https://10.77.0.5/t");
        assert_eq!(spelled(Filter::OctalHost), "https://012.0115.00.05/t");
        assert_eq!(spelled(Filter::HexHost), "https://0xa4d0005/t");
        assert_eq!(spelled(Filter::IntegerHost), "https://172818437/t");
        assert_eq!(spelled(Filter::ShortHost), "https://10.5046277/t");
        assert_eq!(spelled(Filter::MappedHost), "https://[::ffff:10.77.0.5]/t");
        for filter in [Filter::OctalHost, Filter::HexHost, Filter::ShortHost] {
            let url = url::Url::parse(&spelled(filter)).unwrap();
            assert_eq!(url.host_str(), Some("10.77.0.5"));
        }
    }
}
