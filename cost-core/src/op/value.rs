//! What is known of the values of a body: where they go and come from, their roles and number formats.

use super::{Arg, Call, Experts, Input, Kind, Op, Output, Role, Step};
use crate::format::Format;

/// What returns a value: a call, by a step, one of its callee's outputs.
#[derive(Clone, Copy, Debug)]
pub struct Returned<'s, 'a> {
    /// The call.
    pub call: &'s Call<'a>,
    /// The step that makes it.
    pub by: &'s Step<'a>,
    /// The value, as the callee declares it.
    pub output: Output,
}

impl<'a> Op<'a> {
    /// The argument of a call step that the callee's input gets; nothing if the call owns it.
    ///
    /// With as many arguments as inputs they go by position. With fewer, each goes to the next input of its role, and
    /// the inputs that are passed over are owned by the call.
    pub const fn passed(&self, step: &Step<'a>, call: &Call<'a>, input: usize) -> Option<Arg> {
        let given = call_args(step, call);
        if given == call.op.inputs.len() {
            return Some(step.args[input]);
        }
        let (mut arg, mut i) = (0, 0);
        while i <= input && arg < given {
            let takes = call.op.inputs[i].role as u8 == self.role_of(step.args[arg]) as u8;
            if takes && i == input {
                return Some(step.args[arg]);
            }
            if takes {
                arg += 1;
            }
            i += 1;
        }
        None
    }

    /// [`Self::passed`] for each of the callee's inputs.
    pub(crate) fn all_passed(&self, step: &Step<'a>, call: &Call<'a>) -> Vec<Option<Arg>> {
        let (mut args, inputs) = (step.args[..call_args(step, call)].iter().copied().peekable(), call.op.inputs);
        let all = args.len() == inputs.len();
        let passed = |input: &Input<'a>| args.next_if(|arg| all || self.role_of(*arg) == input.role);
        inputs.iter().map(passed).collect()
    }

    /// The number format that declarations fix for an operand: its own, or that of the value that it shows, was before, or
    /// is handed back from.
    pub const fn format_of(&self, arg: Arg) -> Option<Format> {
        let Arg::Value(value) = arg else { return None };
        let Some(at) = self.step_of(value) else { return self.inputs[value as usize].format };
        let step = &self.steps[at];
        match step.kind {
            _ if step.format.is_some() => step.format,
            Kind::Append(_)
            | Kind::Write(_)
            | Kind::Last { .. }
            | Kind::View { .. }
            | Kind::Windows(_)
            | Kind::Carry
            | Kind::Store => self.format_of(step.args[0]),
            _ => match self.returned(value) {
                Some(Returned { call, by, output }) => {
                    let result = output.value as usize;
                    if result < call.op.inputs.len()
                        && let Some(own) = self.passed(by, call, result)
                    {
                        self.format_of(own)
                    } else {
                        call.op.format_of(Arg::Value(output.value))
                    }
                }
                None => None,
            },
        }
    }

    /// The role of an operand: its own for an input, its cache's for an appended cache, what it was before for a loop's
    /// variable, else activation.
    pub const fn role_of(&self, arg: Arg) -> Role {
        let Arg::Value(value) = arg else {
            return Role::Act;
        };
        match self.step_of(value) {
            None => self.inputs[value as usize].role,
            Some(step) => match self.steps[step].kind {
                Kind::Append(_)
                | Kind::Write(_)
                | Kind::Last { .. }
                | Kind::View { .. }
                | Kind::Windows(_)
                | Kind::Carry => self.role_of(self.steps[step].args[0]),
                _ => match self.returned(value) {
                    Some(Returned { output, .. }) => output.role,
                    None => Role::Act,
                },
            },
        }
    }

    /// Which of the values that the operator returns one is.
    pub const fn output(&self, value: u16) -> Option<usize> {
        let mut i = 0;
        while i < self.outputs.len() {
            if self.outputs[i].value == value {
                return Some(i);
            }
            i += 1;
        }
        None
    }

    /// The step of the call that returns a value, if one does.
    pub const fn call_of(&self, value: u16) -> Option<usize> {
        match self.step_of(value) {
            Some(at) => match (&self.steps[at].kind, self.steps[at].args) {
                (Kind::Call(_), _) => Some(at),
                (Kind::Output(_), [Arg::Value(first)]) => self.step_of(*first),
                _ => None,
            },
            None => None,
        }
    }

    /// What returns a value, if a call does whose callee is known.
    pub const fn returned(&self, value: u16) -> Option<Returned<'_, 'a>> {
        let (Some(at), Some(by)) = (self.step_of(value), self.call_of(value)) else { return None };
        let number = if let Kind::Output(number) = self.steps[at].kind { number as usize } else { 0 };
        let by = &self.steps[by];
        match &by.kind {
            Kind::Call(call) if !call.op.failed && number < call.op.outputs.len() => {
                Some(Returned { call, by, output: call.op.outputs[number] })
            }
            _ => None,
        }
    }

    /// The value here that a callee hands back as it came, where a value is that: a tensor that it was given.
    pub const fn handed_back(&self, value: u16) -> Option<u16> {
        let Some(Returned { call, by, output }) = self.returned(value) else { return None };
        if !output.role.ownable() {
            return None;
        }
        let inner = crate::count::origin(call.op, output.value);
        // What comes of an exchange that moves anything is another tensor.
        if call.experts.is_some() || call.is_exchange() && !call.is_view() || inner as usize >= call.op.inputs.len() {
            return None;
        }
        match self.passed(by, call, inner as usize) {
            Some(Arg::Value(value)) => Some(value),
            _ => None,
        }
    }
}

/// How many arguments of a call step go to the callee (the gates of routed experts don't).
pub(crate) const fn call_args(step: &Step<'_>, call: &Call<'_>) -> usize {
    match call.experts {
        Some(Experts { gated: true, .. }) => step.args.len() - 1,
        _ => step.args.len(),
    }
}
