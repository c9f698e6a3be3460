//! What becomes of a run that is interrupted: no part of an output stays behind.

/// Removes unfinished outputs when the process is told to end, as by Ctrl-C, and then ends as it would have. Signals that it
/// was started to ignore, as `nohup` does, it ignores.
#[cfg(unix)]
pub fn watch() {
    use cleanclaim::AtomicFile;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    // Where it is not known, a hangup may be one of them.
    let ignored = ignored().unwrap_or(1 << (SIGHUP - 1));
    let heeded = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    // Where signals cannot be watched, they end the process all the same.
    let Ok(mut signals) = Signals::new(heeded) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            AtomicFile::remove_unfinished();
            if emulate_default_handler(signal).is_err() {
                std::process::exit(2);
            }
        }
    });
}

/// The signals that the process was started to ignore, a bit each, the first of signal 1; `None` where that is not known.
#[cfg(unix)]
fn ignored() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(not(unix))]
pub fn watch() {}
