//! Which methods an option belongs to.

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::args::Method::{
    self, Cascade, Chunked, Continuous, EarlyExit, Flash, Grouped, Medusa, MixtureOfDepths, Mtp, NonAutoregressive,
    Paged, Speculative, Static, Tree,
};
use crate::failure::Result;

const SCHEDULED: &[Method] = &[Static, Continuous, Chunked];
const OF_REQUESTS: &[Method] = &[Static, Continuous, Chunked, Paged];
const DRAFTED: &[Method] = &[Speculative, Tree, Medusa, Mtp];
/// The options that not all methods have.
const OPTIONS: &[(&str, &[Method])] = &[
    ("requests", OF_REQUESTS),
    ("draw", OF_REQUESTS),
    ("rate", OF_REQUESTS),
    ("prompts", OF_REQUESTS),
    ("outputs", OF_REQUESTS),
    ("seed", OF_REQUESTS),
    ("slots", SCHEDULED),
    ("budget", &[Chunked]),
    ("grid", SCHEDULED),
    ("draft", &[Speculative, Tree]),
    ("gamma", &[Speculative, Mtp]),
    ("acceptance", &[Speculative, Medusa, Mtp, Cascade]),
    ("tree", &[Tree, Medusa]),
    ("heads", &[Medusa]),
    ("goal", DRAFTED),
    ("before", &[Cascade]),
    ("classifier", &[Cascade]),
    ("group", &[Grouped]),
    ("refinements", &[Grouped, NonAutoregressive]),
    ("exits", &[EarlyExit]),
    ("classes", &[EarlyExit]),
    ("capacity", &[MixtureOfDepths]),
    ("every", &[MixtureOfDepths]),
    ("tiles", &[Flash]),
    ("block", &[Paged]),
    ("reserve", &[Paged]),
    ("shared", &[Paged]),
];

/// Options of all methods but these, which count no step, or only the attention of one.
const BUT: &[(&str, &[Method])] = &[
    ("output", &[Flash]),
    ("weights", &[Flash]),
    ("multiply", &[Paged]),
    ("masking", &[Paged]),
    ("routing", &[Flash, Paged]),
];

/// Options of some methods that are not read beside another one.
const REPLACED: &[(&str, &str, &[Method])] = &[
    ("batch", "draw", OF_REQUESTS),
    ("batch", "requests", OF_REQUESTS),
    ("prompt", "requests", OF_REQUESTS),
    ("output", "requests", OF_REQUESTS),
    ("prompt", "prompts", OF_REQUESTS),
    ("output", "outputs", OF_REQUESTS),
    ("acceptance", "heads", &[Medusa]),
    ("acceptance", "tree", &[Medusa]),
];

/// Whether a method has an option.
fn reads(option: &str, method: Method) -> bool {
    let of = |table: &[(&str, &'static [Method])]| table.iter().find(|(known, _)| *known == option).map(|(_, of)| *of);
    of(OPTIONS).is_none_or(|of| of.contains(&method)) && of(BUT).is_none_or(|but| !but.contains(&method))
}

/// The names of the options that were given, rather than left at what they are by default.
pub(crate) struct Given(Vec<String>);

impl Given {
    fn has(&self, option: &str) -> bool {
        self.0.iter().any(|given| given == option)
    }

    /// An error if an option that was given belongs to none of these methods, or is not read beside another.
    pub(super) fn check(&self, methods: &[Method]) -> Result<()> {
        let names = |methods: &[Method]| methods.iter().map(|method| method.name()).collect::<Vec<_>>();
        let (found, unread) = (names(methods).join(","), |option: &str| !methods.iter().any(|it| reads(option, *it)));
        let stray = OPTIONS.iter().filter(|(option, _)| self.has(option) && unread(option));
        let stray = stray
            .map(|(option, of)| format!("--{option}: found --method {found}, expected {}", names(of).join(" or ")));
        let but = BUT.iter().filter(|(option, _)| self.has(option) && unread(option));
        let but = but.map(|(option, _)| format!("--{option}: found --method {found}, expected one that reads it"));
        let replaced = REPLACED.iter().filter(|(option, by, of)| {
            self.has(option)
                && self.has(by)
                && methods.iter().filter(|it| reads(option, **it)).all(|it| of.contains(it))
        });
        let replaced =
            replaced.map(|(option, by, _)| format!("--{option}: found --{by} beside it, expected one of them"));
        let said: Vec<String> = stray.chain(but).chain(replaced).collect();
        if said.is_empty() { Ok(()) } else { Err(said.join("\n")) }
    }
}

/// Reads no argument of its own: it has to come before those that take their values out of the matches.
impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let ids = matches.ids().map(clap::Id::as_str);
        let given = ids.filter(|id| matches.value_source(id) == Some(ValueSource::CommandLine));
        Ok(Self(given.map(str::to_owned).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}
