//! Colours and letters of pictures, for light and dark pages.

/// The colours that pictures have in common, on a light ground and on a dark one. Those of lines that are told apart by colour are
/// 3 : 1 against the ground at least, letters 4.5 : 1.
const LIGHT: &str =
    "--ground:#fff;--ink:#1c2128;--soft:#59636e;--line:#e1e5ea;--memory:#0b62c4;--compute:#b8430a;--link:#1a7a4c";
const DARK: &str =
    "--ground:#11151a;--ink:#e8ebef;--soft:#a3adb8;--line:#2b323a;--memory:#6cb0ff;--compute:#ff9a5c;--link:#5fd39a";

/// Rules for all pictures: letters, the grid, where texts are anchored.
const COMMON: &[(&str, &str)] = &[
    ("text", "fill:var(--ink)"),
    (".s", "fill:var(--soft)"),
    (".h", "font-size:12px;font-weight:600"),
    (".g", "stroke:var(--line)"),
    (".d", "stroke:var(--soft);stroke-width:.75"),
    (".e", "text-anchor:end"),
    (".n", "text-anchor:middle"),
];

/// The style of a picture whose outermost element has that class. Rules are about what is inside it alone, so that several
/// pictures can be on one page.
pub(crate) fn style(class: &str, own: &[(&str, &str)]) -> String {
    let mut style = format!(
        "<style>.{class}{{{LIGHT};background:var(--ground);font:11px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}}\
         @media(prefers-color-scheme:dark){{.{class}{{{DARK}}}}}"
    );
    for (selector, rule) in COMMON.iter().chain(own) {
        style += &format!(".{class} {selector}{{{rule}}}");
    }
    style + "</style>"
}
