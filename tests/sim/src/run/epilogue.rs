//! The end of a run: the faults end and everything has to come right, then a disaster strikes.

use responder_core::pass::outcome::Outcome;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::known::Known;

use crate::audit::ownership_of;
use crate::run::play::Run;
use crate::run::script;
use crate::stage::Happening;
use crate::whims::Whims;

/// Longer than any settle time, in milliseconds.
const SETTLED_MS: i64 = 61_000;
/// Long enough to overrule a Region that goes on claiming, in milliseconds.
const INVOCATION_MS: i64 = 15_000;
/// How long the schedule's invocation of `follow` may take, in milliseconds.
const SCHEDULED_MS: i64 = 120_000;
/// A tick of the schedule, in milliseconds.
const TICK_MS: i64 = 60_000;

impl Run {
    pub(super) fn epilogue(&mut self) -> Result<(), String> {
        self.clear_up();
        self.converge()?;
        self.check_quiet()?;
        self.disaster()?;
        self.clear_up();
        self.converge()?;
        self.check_quiet()
    }

    /// The faults are over, every Region shows what is true, and AWS is as kind as it can be.
    fn clear_up(&mut self) {
        self.stage.tell(|| "the faults are over, and every view catches up".to_owned());
        self.stage.weather.borrow_mut().clear();
        *self.stage.whims.borrow_mut() = Whims::default();
        let running: Vec<u32> = self.tasks.keys().copied().collect();
        for number in running {
            self.cut_off(number);
        }
        self.hold(false);
        for place in 0..self.config.regions {
            script::set_status(&self.stage, &self.world, place, "available", "available");
            let mut site = self.world.site_at(place);
            site.failover_status = None;
            site.says = None;
            site.read_only_until_ms = i64::MIN;
            site.clock_ms = 0;
            drop(site);
            self.world.catch_up(self.world.regions()[place].clone().as_str());
        }
        self.stage.knows_of_its_promotion.set(true);
    }

    /// How far ahead what is published anywhere is dated: a wrong clock's publication settles when its date has come.
    fn ahead_ms(&self) -> i64 {
        let states = self.world.regions().iter().filter_map(|region| self.world.state(region));
        let dates = states.map(|state| state.at).chain(ownership_of(&self.world.records()).map(|it| it.at));
        dates.map(|at| at.since_ms(self.now())).max().unwrap_or_default().max(0)
    }

    fn settle(&self) {
        self.stage.queue.skip(SETTLED_MS + self.ahead_ms());
        self.tick();
    }

    /// The schedule wakes `follow` in each Region each minute, and nothing else happens: two minutes later all is right.
    fn converge(&mut self) -> Result<(), String> {
        // A date that comes meanwhile settles from then on.
        let ahead_ms = Some(self.ahead_ms()).filter(|ms| *ms < 2 * TICK_MS + 10_000);
        let end_ms = 2 * TICK_MS + ahead_ms.unwrap_or_default();
        for place in 0..self.config.regions {
            let first_ms = self.stage.between(0, TICK_MS);
            for at_ms in (first_ms..end_ms).step_by(60_000) {
                self.stage.after(at_ms, Happening::Tick(place));
            }
        }
        self.stage.after(end_ms, Happening::Converged);
        self.play_queue()
    }

    /// The schedule's invocation.
    pub(super) fn scheduled(&mut self, place: usize) -> Result<(), String> {
        let known = self.known(place);
        let deadline = self.now().plus_ms(SCHEDULED_MS);
        let number = self.start(place, known, Some(deadline));
        self.poll(number)
    }

    /// One pass, while nothing else happens.
    fn pass_alone(&mut self, place: usize, known: Known) -> Result<Outcome, String> {
        self.alone(place, known, None)
    }

    /// One invocation, which looks again at what it is not sure of.
    fn invocation_alone(&mut self, place: usize, known: Known) -> Result<Outcome, String> {
        let deadline = self.now().plus_ms(INVOCATION_MS);
        self.alone(place, known, Some(deadline))
    }

    fn alone(&mut self, place: usize, known: Known, deadline: Option<Timestamp>) -> Result<Outcome, String> {
        let number = self.start(place, known, deadline);
        self.poll(number)?;
        self.play_queue()?;
        self.last.take().ok_or_else(|| "a pass does not end".to_owned())
    }

    /// The record, the parameters and the states are right, and agree. Which of the others
    /// a Region named does not matter, nor what the writer's own Region named before.
    pub(super) fn check_converged(&self) -> Result<(), String> {
        let writer = self.world.writer();
        let endpoint = responder_fakes::endpoint(&writer);
        self.check_record(&writer)?;
        let published = ownership_of(&self.world.records()).ok_or("no ownership stands there")?;
        for region in self.world.regions() {
            let parameter = self.world.writer_parameter(region);
            if parameter.as_deref() != Some(endpoint.as_str()) {
                return Err(format!(
                    "the writer parameter in {region} is {parameter:?}, the writer {writer}"
                ));
            }
            let state = self.world.state(region).ok_or("a state is missing")?;
            let memory = state.memory.as_ref();
            let agrees = state.published() == published.clone().publication(endpoint.clone())
                && !state.record_pending
                && memory.is_some_and(|memory| {
                    memory.epoch == state.epoch && (memory.writer != *region || *region == writer)
                });
            if !agrees {
                return Err(format!("the state in {region} is {state:?}, the record {published:?}"));
            }
        }
        Ok(())
    }

    /// The CNAME and the ownership beside it name this writer.
    fn check_record(&self, writer: &Region) -> Result<(), String> {
        let records = self.world.records();
        let cname = records.cname.as_ref().and_then(|cname| cname.values.first());
        let owner = ownership_of(&records).map(|ownership| ownership.writer);
        let is_right = cname == Some(&responder_fakes::endpoint(writer)) && owner.as_ref() == Some(writer);
        if is_right {
            return Ok(());
        }
        Err(format!("the record is {cname:?} by {owner:?}, the writer {writer}"))
    }

    /// A pass with nothing to do makes no write call. One whose memory of an earlier pass is out of date may try
    /// to exchange the record, and learns from the lost fence; it changes nothing either.
    fn check_quiet(&mut self) -> Result<(), String> {
        for place in 0..self.config.regions {
            let knowing =
                [(Known::default(), false), (self.known_of_state(place), false), (self.known(place), true)];
            for (known, may_be_out_of_date) in knowing {
                self.world.take_writes();
                let outcome = self.pass_alone(place, known)?;
                let writes = self.world.take_writes();
                if writes.changes() > 0 || (writes.refused > 0 && !may_be_out_of_date) {
                    return Err(format!("a pass with nothing to do writes {writes:?}: {:?}", outcome.result));
                }
            }
        }
        Ok(())
    }

    /// The writer's Region is dead, or says for ever that it is the writer. The new writer's function alone
    /// moves the record, and nothing that the old Region says later moves it back.
    fn disaster(&mut self) -> Result<(), String> {
        let places = self.config.regions;
        let old = self.stage.place(&self.world.writer());
        let new = (old + 1 + self.stage.dice.borrow_mut().place(places - 1)) % places;
        let writer = self.world.regions()[new].clone();
        self.begin_term(new);
        self.world.catch_up(writer.as_str());
        self.stage.knows_of_its_promotion.set(true);
        self.settle();
        let is_dead = self.stage.percent(70);
        let without_route53 = self.stage.percent(30);
        self.stage.tell(|| format!("disaster: the writer is {writer}, the old Region is dead: {is_dead}, without Route 53: {without_route53}"));
        if is_dead {
            let cuts = (0..places).flat_map(|from| [(from, old), (old, from)]);
            self.stage.weather.borrow_mut().cut.extend(cuts);
        }
        if without_route53 {
            self.stage.weather.borrow_mut().no_route53.extend(0..places);
        }
        self.follow_alone(new, &writer, without_route53)?;
        self.return_of_the_old(old, &writer)
    }

    fn follow_alone(&mut self, new: usize, writer: &Region, without_route53: bool) -> Result<(), String> {
        // A function that was frozen under a hold goes on holding while the Region that it saw it in is silent, as the rule
        // says; another one does what is due.
        let known =
            Some(self.known(new)).filter(|known| known.switches.values().all(|it| it.reason.is_none()));
        self.invocation_alone(new, known.unwrap_or_default())?;
        let parameter = self.world.writer_parameter(writer);
        if parameter != Some(responder_fakes::endpoint(writer)) {
            return Err(format!("after a disaster the new writer's own parameter is {parameter:?}"));
        }
        if without_route53 {
            self.stage.weather.borrow_mut().no_route53.clear();
            self.invocation_alone(new, Known::default())?;
        }
        let disaster = |what| format!("after a disaster: {what}");
        self.check_record(writer).map_err(disaster)
    }

    /// The old Region answers again, with its stale word.
    fn return_of_the_old(&mut self, old: usize, writer: &Region) -> Result<(), String> {
        self.stage.weather.borrow_mut().clear();
        for at in 0..2 * self.config.regions {
            let place = (old + at) % self.config.regions;
            let known = self.known(place);
            self.invocation_alone(place, known)?;
            let stale = |what| format!("by the stale word of the old Region: {what}");
            self.check_record(writer).map_err(stale)?;
        }
        Ok(())
    }
}
