//! A person as two letters on a colour of their own.

use yew::prelude::*;

use super::icon_sized;

/// A person whose name stands beside; an empty name is nobody. `size` is a class: `av--20`, `av--28`, `av--32`,
/// `av--40`.
pub fn avatar(name: &str, size: &'static str) -> Html {
    draw(name, size, false)
}

/// A person without their name beside: it is read out.
pub fn avatar_labelled(name: &str, size: &'static str) -> Html {
    draw(name, size, true)
}

fn draw(name: &str, size: &'static str, labelled: bool) -> Html {
    if name.is_empty() {
        return html! { <span class={classes!("av", "av--none", size)} aria-hidden="true">{ icon_sized("user", 12) }</span> };
    }
    let (style, title, class) = (format!("--h:{}", hue(name)), name.to_owned(), classes!("av", size));
    let (role, label) = (labelled.then_some("img"), labelled.then(|| name.to_owned()));
    html! {
        <span {class} {style} {role} aria-label={label} aria-hidden={(!labelled).then_some("true")} {title}>{ initials(name) }</span>
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
