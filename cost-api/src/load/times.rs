//! Devices whose times are asked for.

use std::sync::Arc;

use cost_core::hardware::Hardware;
use cost_core::time::ANY;
use cost_models::Note;
use cost_models::report::Timed;

use crate::error::{Error, Result};
use crate::request::TimeOptions;
use crate::request::choice::Time;
use crate::sources::Sources;

/// Whether calibrated times are asked for, and how; devices that have no constants get those that are asked for in their place.
/// What is to be said of that is added to the notes.
pub(crate) fn times<'r>(
    request: &'r TimeOptions,
    devices: &mut [Hardware],
    notes: &mut Vec<Note>,
    sources: &dyn Sources,
) -> Result<Option<Timed<'r>>> {
    if request.time != Some(Time::Calibrated) {
        let given = [
            ("calibrated-as", request.calibrated_as.is_some()),
            ("engine", request.engine.is_some()),
            ("eager", request.eager),
        ];
        return match given.iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Error::found(option, "no --time calibrated beside it", "both, or neither")),
            None => Ok(None),
        };
    }
    if devices.is_empty() {
        return Err(Error::found("time", "calibrated, but no device", "--on HW beside it"));
    }
    devices.iter_mut().for_each(Hardware::read_times);
    if let Some(name) = &request.calibrated_as {
        let mut found =
            super::devices(core::slice::from_ref(name), sources).map_err(|error| error.of("calibrated-as"))?;
        found.iter_mut().for_each(Hardware::read_times);
        let times = match found.as_slice() {
            [Hardware { times: Some(times), .. }] => Arc::clone(times),
            _ => return Err(Error::found("calibrated-as", name, format_args!("a device with constants: {}", known()))),
        };
        let mut used = false;
        for device in devices.iter_mut().filter(|device| device.times.is_none()) {
            let text = format!(
                "{} has no constants: those of {} stand in for them, with its own peaks and bandwidth; how much larger the error \
                 then is has not been measured, so the interval is too narrow",
                device.id, times.device
            );
            notes.push(Note::warning(text).about("calibrated-as"));
            device.times = Some(Arc::clone(&times));
            used = true;
        }
        if !used {
            let own = devices.iter().map(|device| device.id.as_ref()).collect::<Vec<&str>>().join(", ");
            return Err(Error::found(
                "calibrated-as",
                format_args!("{own}, which have constants"),
                "a device without its own",
            ));
        }
    }
    for device in devices.iter() {
        match &device.times {
            None => {
                let text = format!(
                    "{} has no constants, so its calibrated time is its bound; --calibrated-as takes those of {}, and cost calibrate \
                     finds its own",
                    device.id,
                    known()
                );
                notes.push(Note::warning(text).about("time"));
            }
            Some(times) if request.eager && times.gaps.iter().all(|gap| gap.eager.is_none()) => {
                let found = format_args!("{}, where no launch without graphs was measured", device.id);
                return Err(Error::found("eager", found, "a device with an eager_us"));
            }
            Some(times) => {
                if let Some(engine) = request.engine.as_deref().filter(|engine| !times.engines().contains(engine)) {
                    let expected = format!("one of {} on {}", times.engines().join(", "), device.id);
                    return Err(Error::found("engine", engine, expected));
                }
            }
        }
    }
    Ok(Some(Timed { engine: request.engine.as_deref().filter(|engine| *engine != ANY), eager: request.eager }))
}

fn known() -> String {
    cost_core::time::devices().collect::<Vec<_>>().join(", ")
}
