// The live page: shows what `api/events` tells, and sends what the person does. Everything that is
// shown is set as text; only the diagram, which the server draws, is parsed as markup.

const at = (id) => document.getElementById(id);
const state = { view: null, run: null, number: null, shape: '', stream: null, answers: {} };

const WORDS = {
  waiting: 'not started',
  open: 'running',
  finished: 'finished',
  skipped: 'skipped',
  failed: 'harness error',
  pass: 'passed',
  fail: 'failed',
  warning: 'warning',
  'not-exercised': 'shows nothing',
  'not-applicable': 'not applicable',
};
const TONES = { pass: 'pass', fail: 'fail', warning: 'not-exercised', 'not-exercised': 'not-exercised' };
const KINDS = [
  ['native', 'On my machine: a desktop application, an editor, a terminal program'],
  ['hosted', 'On a server: a web application that I use in the browser'],
];

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// Our sentences have code between backquotes.
function prose(tag, text, properties = {}) {
  const parts = text.split('`').map((part, i) => (i % 2 ? make('code', {}, part) : part));
  return make(tag, properties, ...parts);
}

async function call(method, path, body) {
  const init = { method, headers: {} };
  if (body !== undefined) {
    init.headers['content-type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  const response = await fetch(`api/${path}`, init);
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  let problem = { error: text };
  try {
    problem = JSON.parse(text);
  } catch {
    // an answer that is no JSON is shown as it is
  }
  throw new Error(problem.error);
}

async function attempt(action) {
  at('problem').hidden = true;
  try {
    return await action();
  } catch (error) {
    at('problem').textContent = `${error.message}.`;
    at('problem').hidden = false;
    return null;
  }
}

// ---------------------------------------------------------------- what is tested

function radio(name, value, label, checked) {
  const input = make('input', { type: 'radio', name, value, checked });
  return make('label', { class: 'option' }, input, make('span', {}, label));
}

function buildChoice(offers) {
  const form = at('choice');
  const newest = offers.revisions.at(-1);
  const revisions = offers.revisions.map((revision) =>
    make('option', { value: revision, selected: revision === newest }, revision));
  const plans = offers.plans.map(({ plan, about }) => {
    const option = radio('plan', plan, '', plan === 'short');
    option.lastChild.append(make('b', {}, plan), `: ${about}. `,
      make('span', { class: 'faint', id: `size-${plan}` }));
    return option;
  });
  const capabilities = offers.capabilities.map(({ capability, statement, usual }) => {
    const input = make('input', { type: 'checkbox', name: 'capability', value: capability, checked: usual });
    return make('label', { class: 'option' }, input, make('span', {}, statement));
  });
  form.replaceChildren(
    make('label', { class: 'line' }, make('span', {}, 'Name and version of the client'),
      make('input', { name: 'client', required: true, maxlength: 200, autocomplete: 'off' })),
    make('label', { class: 'line' }, make('span', {}, 'Revision of MCP'),
      make('select', { name: 'revision' }, ...revisions)),
    make('fieldset', {}, make('legend', {}, 'Where the client runs'),
      ...KINDS.map(([kind, label], i) => radio('kind', kind, label, i === 0))),
    make('fieldset', {}, make('legend', {}, 'What the client can do'), ...capabilities),
    make('fieldset', {}, make('legend', {}, 'Plan'), ...plans),
    make('button', { class: 'primary', type: 'submit' }, 'Begin'));
  form.addEventListener('change', measurePlans);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    attempt(async () => show(await call('POST', 'session', readChoice())));
  });
  measurePlans();
}

function readChoice() {
  const data = new FormData(at('choice'));
  return {
    client: data.get('client'),
    revision: data.get('revision'),
    kind: data.get('kind'),
    plan: data.get('plan'),
    capabilities: data.getAll('capability'),
  };
}

async function measurePlans() {
  for (const { plan } of state.view.offers.plans) {
    const size = at(`size-${plan}`);
    try {
      const { runs, left_out: leftOut } = await call('POST', 'plan', { ...readChoice(), plan });
      const without = leftOut ? `, without ${leftOut} that such a client cannot be asked for` : '';
      size.textContent = `${runs} runs${without}.`;
    } catch (error) {
      size.textContent = `${error.message}.`;
    }
  }
}

// ---------------------------------------------------------------- the list

const chip = (word) => make('span', { class: `chip ${TONES[word] ?? ''}` }, WORDS[word] ?? word);

const titleOf = (line) => (line.control ? `Control run: ${line.title}` : line.title);

function lineWord(line) {
  return line.state === 'finished' && line.verdict ? line.verdict : line.state;
}

function buildList(view) {
  const items = view.runs.map((line) => make('li', {},
    make('a', { href: `#${line.number}`, 'aria-current': line.number === state.number && 'true' },
      prose('span', titleOf(line), { class: 'title' }),
      make('span', { class: 'meta' }, make('code', {}, line.case.replace(' (control)', '')), ' ',
        chip(lineWord(line))))));
  const scroll = at('runs').querySelector('ol')?.scrollTop ?? 0;
  const hadFocus = at('runs').contains(document.activeElement)
    ? document.activeElement.getAttribute('href') : null;
  const list = make('ol', { tabindex: '0', 'aria-label': 'Runs of the plan' }, ...items);
  at('runs').replaceChildren(list);
  list.scrollTop = scroll;
  if (state.listed !== state.number) {
    const current = list.querySelector('a[aria-current]');
    if (current) list.scrollTop = current.offsetTop - list.offsetTop - list.clientHeight / 3;
    state.listed = state.number;
  }
  if (hadFocus) list.querySelector(`a[href="${hadFocus}"]`)?.focus();
}

// ---------------------------------------------------------------- one run

function copyLine(name, value) {
  const id = `copy-${name.replaceAll(' ', '-')}`;
  const input = make('input', { id, readonly: true, value });
  const button = make('button', {
    type: 'button',
    onclick: async () => {
      input.select();
      await navigator.clipboard?.writeText(value).catch(() => document.execCommand('copy'));
      button.textContent = 'Copied';
    },
  }, `Copy ${name}`);
  return make('div', { class: 'copy' }, make('label', { for: id }, name), input, button);
}

function questionPart(question) {
  const answer = (value) => {
    const option = radio(question.id, value, value, state.answers[question.id] === value);
    option.firstChild.addEventListener('change', () => { state.answers[question.id] = value; });
    return option;
  };
  return make('fieldset', { class: 'question' }, make('legend', {}, question.text),
    ...question.answers.map(answer));
}

function act(name) {
  const number = state.number;
  return () => attempt(async () => showRun(await call('POST', `runs/${number}/${name}`)));
}

async function finish() {
  const { number } = state;
  await attempt(async () => {
    // what the page shows may be a moment old
    const { needs_answer: needed } = await call('GET', `runs/${number}`);
    if (needed && !state.answers[needed]) {
      const text = state.view.offers.questions.find(({ id }) => id === needed)?.text;
      document.querySelector(`input[name="${needed}"]`)?.focus();
      throw new Error(`Please answer this: ${text} Without the answer, the run shows nothing`);
    }
    showRun(await call('POST', `runs/${number}/finish`, { answers: state.answers }));
  });
}

function taskPart(run) {
  const { task } = run;
  const urls = task.urls.map((url, i) =>
    copyLine(task.urls.length > 1 ? `server URL ${i + 1}` : 'server URL', url));
  const credentials = task.credentials.map(({ name, value }) => copyLine(name, value));
  const links = task.links.map(({ product, url }) =>
    make('li', {}, make('a', { href: url }, `Add to ${product}`)));
  const step = task.of > 1 ? `Step ${task.start} of ${task.of}` : 'What to do';
  return make('div', { class: 'task' }, make('h3', {}, step), prose('p', task.action), ...urls,
    ...credentials, make('ul', { class: 'links' }, ...links),
    make('p', { class: 'faint' }, run.expectation),
    make('h3', {}, 'What only you can see'), ...state.view.offers.questions.map(questionPart),
    make('div', { class: 'buttons' },
      make('button', { type: 'button', class: 'primary', onclick: finish },
        task.start < task.of ? 'Done, next step' : 'The client has come to rest: finish'),
      make('button', { type: 'button', onclick: act('cancel') }, 'Cancel this attempt')));
}

// Between two starts of the client, and until the run is saved.
const waitingPart = () => make('p', { class: 'task', 'aria-busy': 'true' }, 'One moment.');

function beginPart(run) {
  const again = run.state === 'finished';
  const start = make('button', { type: 'button', class: again ? '' : 'primary', onclick: act('start') },
    again ? 'Repeat' : 'Start');
  const skip = run.state === 'waiting'
    ? make('button', { type: 'button', onclick: act('skip') }, 'Skip') : null;
  const next = state.view.runs.find(({ number, state: word }) => number > run.number && word === 'waiting');
  const go = again && next
    ? make('a', { class: 'button primary', href: `#${next.number}` }, 'Next run') : null;
  return make('div', {}, run.state === 'finished' ? null : make('p', { class: 'faint' }, run.expectation),
    make('div', { class: 'buttons' }, go, start, skip));
}

function notePart(run) {
  const area = make('textarea', { id: 'note', rows: 2, maxlength: 4000 });
  area.value = run.note;
  area.addEventListener('change', () => {
    const number = state.number;
    attempt(() => call('PUT', `runs/${number}/note`, { note: area.value }));
  });
  return make('div', { class: 'noted' }, make('label', { for: 'note' }, 'Your note'), area);
}

function controlPart(run) {
  if (!run.control_run) return null;
  return make('p', { class: 'note' }, 'This run proves nothing before its control run is finished, ' +
    'the same world with honest servers: ', make('a', { href: `#${run.control_run}` }, `run ${run.control_run}`), '.');
}

const withoutNothing = (...parts) => parts.filter((part) => part !== null);

// Builds the parts of a run that do not change while messages arrive, so that what the person has
// typed and focused stays.
function buildRun(run) {
  at('run').replaceChildren(...withoutNothing(
    prose('h2', titleOf(run), { tabindex: '-1', id: 'run-title' }),
    make('p', { class: 'also' }, make('code', {}, run.case)),
    run.control ? prose('p', 'The servers of the cases that follow, all honest.') : prose('p', run.why),
    controlPart(run),
    run.task ? taskPart(run) : run.state === 'open' ? waitingPart() : beginPart(run),
    make('div', { id: 'verdict', role: 'status' }),
    make('ul', { id: 'checks' }),
    make('div', { id: 'diagram' }),
    notePart(run)));
}

function verdictSentence(run) {
  const { judged } = run;
  if (run.problem) return `The harness failed: ${run.problem}`;
  if (run.state !== 'open') return '';
  const requests = run.requests === 1 ? '1 request so far.' : `${run.requests} requests so far.`;
  if (run.requests === 0) return 'No request so far.';
  if (judged?.certain) return `${requests} This is certain, whatever the client still does.`;
  if (judged?.settled) return `${requests} All that the run needs has happened; finish when the client rests.`;
  return `${requests} Nothing is certain yet.`;
}

function updateRun(run) {
  const isTold = run.judged && (run.state === 'finished' || run.judged.certain);
  const sentence = verdictSentence(run);
  const verdict = isTold
    ? make('p', { class: 'told' }, chip(run.judged.verdict), ' ', sentence)
    : make('p', { class: 'faint' }, sentence);
  if (at('verdict').textContent !== verdict.textContent) at('verdict').replaceChildren(verdict);
  const checks = isTold ? run.judged.checks : [];
  at('checks').replaceChildren(...checks.map((check) => make('li', {},
    make('span', { class: 'level' }, check.level), ' ', chip(check.verdict), ' ',
    prose('span', check.statement), check.reason ? prose('span', ` (${check.reason})`, { class: 'faint' }) : null)));
  drawDiagram(run.diagram);
}

function drawDiagram(svg) {
  if (at('diagram').dataset.drawn === String(svg)) return;
  at('diagram').dataset.drawn = String(svg);
  if (!svg) return at('diagram').replaceChildren();
  const parsed = new DOMParser().parseFromString(svg, 'text/html').body.firstElementChild;
  const figure = make('figure', { tabindex: '0', role: 'group', 'aria-label': 'Messages of this run' }, parsed);
  at('diagram').replaceChildren(figure);
}

function showRun(run) {
  const isOld = state.run?.number === run.number && run.as_of < state.run.as_of;
  if (run.number !== state.number || isOld) return;
  state.run = run;
  const shape = [run.number, run.state, run.task?.start, run.control_run].join(' ');
  if (shape !== state.shape) {
    const isOther = !state.shape.startsWith(`${run.number} `);
    const holdsFocus = at('run').contains(document.activeElement);
    if (isOther || run.state === 'open' && !run.task?.start) state.answers = {};
    state.shape = shape;
    buildRun(run);
    if (isOther && state.wantsFocus || holdsFocus) at('run-title').focus();
    state.wantsFocus = false;
  }
  updateRun(run);
}

// ---------------------------------------------------------------- the whole

function show(view) {
  state.view = view;
  const begun = view.choice !== null;
  if (!begun && at('choice').childElementCount === 0) buildChoice(view.offers);
  at('choice').hidden = begun;
  at('session').hidden = !begun;
  if (!begun) return;
  at('heading').textContent = view.choice.client;
  at('progress').textContent = `${view.choice.revision}, plan ${view.choice.plan}: ` +
    `${view.over} of ${view.total} runs are over`;
  document.title = `${view.over}/${view.total} mcp-authspec`;
  buildList(view);
  if (state.number === null) followHash();
}

function listen() {
  state.stream?.close();
  const query = state.number === null ? '' : `?run=${state.number}`;
  state.stream = new EventSource(`api/events${query}`);
  state.stream.addEventListener('message', ({ data }) => {
    at('connection').textContent = '';
    const { session, run } = JSON.parse(data);
    show(session);
    if (run) showRun(run);
  });
  state.stream.addEventListener('error', () => {
    at('connection').textContent = 'No connection to mcp-authspec; trying again.';
  });
}

function followHash() {
  const wanted = Number(location.hash.slice(1));
  const known = state.view.runs.some(({ number }) => number === wanted);
  const first = state.view.runs.find(({ state: word }) => word === 'waiting') ?? state.view.runs[0];
  const number = known ? wanted : first.number;
  if (number === state.number) return;
  state.wantsFocus = state.number !== null;
  state.number = number;
  state.answers = {};
  at('problem').hidden = true;
  buildList(state.view);
  listen();
}

addEventListener('hashchange', () => {
  if (state.view?.choice) followHash();
});
listen();
