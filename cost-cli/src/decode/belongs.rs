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

/// The names of the options that were given, rather than left at what they are by default.
pub(crate) struct Given(Vec<String>);

impl Given {
    /// An error if an option that was given belongs to none of these methods.
    pub(super) fn check(&self, methods: &[Method]) -> Result<()> {
        let names = |methods: &[Method]| methods.iter().map(|method| method.name()).collect::<Vec<_>>();
        let stray = OPTIONS.iter().filter(|(option, of)| {
            self.0.iter().any(|given| given == option) && !methods.iter().any(|method| of.contains(method))
        });
        let said = stray.map(|(option, of)| {
            format!("--{option}: found --method {}, expected {}", names(methods).join(","), names(of).join(" or "))
        });
        let said: Vec<String> = said.collect();
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
