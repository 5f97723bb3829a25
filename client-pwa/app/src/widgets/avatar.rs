//! A person as two letters on a colour of their own.

use yew::prelude::*;

use super::Icon;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The person's name; empty for nobody.
    pub name: AttrValue,
    /// Class of its size: `av--20`, `av--28`, `av--32`, `av--40`.
    #[prop_or_default]
    pub size: &'static str,
    /// Read the name out; otherwise it stands beside the avatar.
    #[prop_or_default]
    pub labelled: bool,
}

#[component]
pub fn Avatar(props: &Props) -> Html {
    if props.name.is_empty() {
        return html! { <span class={classes!("av", "av--none", props.size)} aria-hidden="true"><Icon name="user" size={12} /></span> };
    }
    let style = format!("--h:{}", hue(&props.name));
    let letters = initials(&props.name);
    let class = classes!("av", props.size);
    if props.labelled {
        html! { <span {class} {style} role="img" aria-label={props.name.clone()} title={props.name.clone()}>{ letters }</span> }
    } else {
        html! { <span {class} {style} aria-hidden="true" title={props.name.clone()}>{ letters }</span> }
    }
}

/// The first letters of the first and last word.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

fn hue(name: &str) -> u32 {
    name.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte))) % 360
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_the_ends_of_the_name() {
        assert_eq!(initials("Maya Okafor"), "MO");
        assert_eq!(initials("Ana Maria de Souza"), "AS");
        assert_eq!(initials("érik"), "É");
        assert_eq!(initials(" "), "");
    }
}
