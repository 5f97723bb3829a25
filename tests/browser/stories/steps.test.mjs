// A checklist with every kind of step, worked through without a network.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { ChecklistPage } from '../lib/checklist_page.mjs';
import { rows } from '../lib/demo.mjs';
import { giveCommand } from '../lib/engine.mjs';
import { people } from '../lib/people.mjs';
import { story } from '../lib/story.mjs';
import { allAccepted } from '../lib/sync_panel.mjs';
import { until } from '../lib/until.mjs';
import { WorkOrderPage } from '../lib/work_order_page.mjs';

/** Every kind there is, in the order a person meets them; numbers are in thousandths. */
const STEPS = [
  { label: 'Before you start', type: 'section' },
  { label: 'The housing is hot for an hour after a stop.', type: 'instruction' },
  { label: 'Pump isolated, locked and tested dead', type: 'check', required: true },
  { label: 'Look and measure', type: 'section' },
  { label: 'Seal dry after ten minutes', type: 'pass_fail', required: true },
  { label: 'Coupling guard fits', type: 'pass_fail', required: true, risk: 'Fingers' },
  { label: 'What holds the guard now', type: 'text', condition: { step: 's5', answer: 'fail' } },
  { label: 'Condensate drain works', type: 'pass_fail' },
  { label: 'Bearing temperature', type: 'number', unit: '°C', min: 10_000, max: 80_000, required: true },
  { label: 'Vibration', type: 'number', unit: 'mm/s', max: 4_500, required: true },
  { label: 'Suction pressure', type: 'number', unit: 'bar', min: 1_000, max: 3_000 },
  { label: 'Finish', type: 'section' },
  { label: 'Read the meter', type: 'meter_reading', unit: 'h' },
  { label: 'Condition', type: 'choice', options: ['good', 'fair', 'poor'] },
  { label: 'What was changed', type: 'choice', options: ['seal', 'bearing', 'oil'], many: true },
  { label: 'What should be done next time', type: 'text' },
  { label: 'Back in service', type: 'date_time' },
].map((step, index) => ({ key: `s${index}`, ...step }));

const BACK_IN_SERVICE = Date.UTC(2026, 6, 3, 5, 45);
const NEXT_TIME = 'Bring the long spanner.\nThe grease gun is empty.';

story('Every kind of step is answered offline, and every answer arrives', async ({ server, device }) => {
  const pump = await pumpWithMeter(server);
  const helen = await device('helen', { context: { timezoneId: 'Europe/Berlin' } });
  await helen.signIn(people.supervisor);
  await allAccepted(helen.page);
  const id = await giveWork(server, helen.page, pump);

  const maya = await device('maya', { phone: true });
  await maya.signIn(people.tech1);
  await maya.shellReady();
  const order = await WorkOrderPage.open(maya, id);
  await order.accepted();
  const list = new ChecklistPage(maya.page);
  await list.shows(nothingAnswered());
  await list.step('Read the meter').getByText(/^Also kept as a reading of Run hours, /).waitFor();

  await maya.goOffline();
  const reading = pump.last + 6.5;
  await answerAll(order, list, reading);
  await list.shows(allAnswered(reading, '2026-07-03T06:45'));
  await maya.page.reload();
  await order.isReady();
  await list.shows(allAnswered(reading, '2026-07-03T06:45'));

  await maya.goOnline();
  await order.accepted();
  await answersAreInTheTables(server, id, pump, reading);
  await helen.open(`/work-orders/${id}`);
  await new ChecklistPage(helen.page).shows(allAnswered(reading, '2026-07-03T07:45'));
  await helen.open(`/assets/${pump.id}`);
  await helen.page.getByRole('region', { name: 'Meters' }).getByText(reading.toLocaleString('en-GB')).waitFor();
});

/** A pump, what its meter said last, and how it was called then. */
async function pumpWithMeter(server) {
  const [[id, last]] = await rows(server, 'meter_reading', 'asset_id, value_thousandths / 1000',
    "unit = 'h' and meter = 'm0' and asset_id in (select asset_id from asset where tag like 'P-%') order by asset_id limit 1");
  const [[tag, name, site]] = await rows(server, 'asset', 'tag, name, site', `asset_id = '${id}'`);
  return { id, tag, name, site, last: Number(last) };
}

/** Helen writes the list as a template, publishes it, and gives Maya work with it. */
async function giveWork(server, page, { id: asset, tag, name, site }) {
  const [template, id] = [randomUUID(), randomUUID()];
  const title = 'Every kind of step';
  const version = { key: 'v1', steps: STEPS };
  await giveCommand(page, { on: 'checklist', do: 'create', id: template, title, version, publish: true });
  const [[maya]] = await server.sql(`select person_id from person where email = '${people.tech1}'`);
  const list = { key: 'c0', template, version: 1, title, steps: STEPS };
  await giveCommand(page, {
    on: 'work_order', do: 'create', id, title: 'Pump service with everything', type: 'preventive', priority: 'medium',
    origin: 'manual', site, assets: [{ id: asset, tag, name }], people: [maya], assigned_event: randomUUID(), checklists: [list],
  });
  await allAccepted(page);
  await until('the work has arrived', async () => (await rows(server, 'work_order', 'title', `work_order_id = '${id}'`)).length === 1);
  return id;
}

/** Before anything is answered the step that asks about a failed one is not there. */
function nothingAnswered() {
  const fields = { number: [''], meter_reading: [''], text: [''], date_time: [''] };
  return STEPS.filter(({ condition }) => !condition).map(({ label, type }) => [label, ...(fields[type] ?? [])]);
}

/** Each deed is one change of the work order; what the meter shows becomes a reading of the pump besides. */
async function answerAll(order, list, reading) {
  const deeds = [
    () => list.tick('Pump isolated'),
    () => list.judge('Seal dry', 'Fail'),
    () => list.judge('Seal dry', 'Pass'),
    () => list.judge('Coupling guard fits', 'Fail'),
    () => list.remark('Coupling guard fits', 'One bolt is missing'),
    () => list.write('What holds the guard now', 'Two bolts and a strap'),
    () => list.judge('Condensate drain works', 'N/A'),
    () => list.write('Bearing temperature', '71,5'),
    () => list.write('Vibration', '6.25'),
    () => list.remark('Vibration', 'Worse than last month'),
    () => list.write('Suction pressure', '0.4'),
    () => list.writeAgain('Suction pressure', '1.8'),
    () => list.write('Read the meter', String(reading)),
    () => list.choose('Condition', 'good'),
    () => list.choose('Condition', 'fair'),
    () => list.choose('What was changed', 'oil'),
    () => list.choose('What was changed', 'seal'),
    () => list.write('What should be done next time', NEXT_TIME),
    () => list.date('Back in service', '2026-07-03T06:45'),
  ];
  for (const [index, deed] of deeds.entries()) {
    await deed();
    await until(`${index + 1} changes are saved`, async () => (await order.saved()) === index + 1);
  }
  await list.step('Vibration').getByText('1.75 mm/s above range.').waitFor();
}

/** What the screen says then; a time is said in the time zone of the device. */
function allAnswered(reading, backInService) {
  const answers = {
    'Pump isolated, locked and tested dead': ['Done'],
    'Seal dry after ten minutes': ['Pass'],
    'Coupling guard fits': ['Fail', 'One bolt is missing'],
    'What holds the guard now': ['Two bolts and a strap'],
    'Condensate drain works': ['N/A'],
    'Bearing temperature': ['71.5'],
    Vibration: ['6.25', 'Worse than last month'],
    'Suction pressure': ['1.8'],
    'Read the meter': [String(reading)],
    Condition: ['fair'],
    'What was changed': ['seal', 'oil'],
    'What should be done next time': [NEXT_TIME],
    'Back in service': [backInService],
  };
  return STEPS.map(({ label }) => [label, ...(answers[label] ?? [])]);
}

async function answersAreInTheTables(server, id, pump, reading) {
  const here = `work_order_id = '${id}'`;
  const stored = await rows(server, 'checklist_answer', 'step, field_type, answer, remark, failed', `${here} order by length(step), step`);
  assert.deepEqual(stored, [
    ['s2', 'check', 'checked', '', 'f'],
    ['s4', 'pass_fail', 'pass', '', 'f'],
    ['s5', 'pass_fail', 'fail', 'One bolt is missing', 't'],
    ['s6', 'text', 'Two bolts and a strap', '', 'f'],
    ['s7', 'pass_fail', 'na', '', 'f'],
    ['s8', 'number', '71.5', '', 'f'],
    ['s9', 'number', '6.25', 'Worse than last month', 't'],
    ['s10', 'number', '1.8', '', 'f'],
    ['s12', 'meter_reading', String(reading), '', 'f'],
    ['s13', 'choice', 'fair', '', 'f'],
    ['s14', 'choice', 'seal\noil', '', 'f'],
    ['s15', 'text', NEXT_TIME, '', 'f'],
    ['s16', 'date_time', String(BACK_IN_SERVICE), '', 'f'],
  ]);
  assert.deepEqual(await rows(server, 'work_order', 'steps_answered, steps_total', here), [['13', '13']]);
  const readings = await rows(server, 'meter_reading', 'asset_id, meter, value_thousandths, unit', here);
  assert.deepEqual(readings, [[pump.id, 'm0', String(reading * 1_000), 'h']]);
}
