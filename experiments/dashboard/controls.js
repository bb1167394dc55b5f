// Settings as plain form fields: a slider and a number for each, or a choice; all reachable and named for the keyboard.

export function render({ model }) {
  const root = document.createElement("div");
  root.className = "levers";
  const groups = new Map();
  const fields = new Map();

  for (const group of model.groups) {
    const box = document.createElement(group.title === null ? "div" : "details");
    if (group.is_open) box.open = true;
    if (group.title !== null) box.append(document.createElement("summary"));
    groups.set(group.name, box);
    root.append(box);
  }
  for (const row of model.rows) {
    const field = row.options.length ? choice(row) : number(row);
    field.commit = (value) => {
      if (model.shown[row.key] !== value) model.shown = { ...model.shown, [row.key]: value };
    };
    fields.set(row.key, field);
    groups.get(row.group).append(field.box);
  }

  function tell() {
    for (const { name, title, visible } of model.groups) {
      const box = groups.get(name);
      box.hidden = !visible;
      if (title !== null) box.querySelector("summary").textContent = title;
    }
    for (const row of model.rows) {
      const field = fields.get(row.key);
      field.box.hidden = !row.visible;
      field.box.title = row.help;
      field.tell(row);
    }
  }

  function set() {
    for (const [key, field] of fields) field.set(model.shown[key]);
  }

  model.on("groups", tell);
  model.on("rows", tell);
  model.on("shown", set);
  tell();
  set();
  return root;
}

function number(row) {
  const box = document.createElement("div");
  box.innerHTML = `<label><span></span><input type="number" step="any"></label><input type="range">`;
  const [text, slider] = box.querySelectorAll("input");
  Object.assign(slider, { min: row.low, max: row.high, step: row.step });
  const field = { box };
  slider.oninput = () => (text.value = Number(slider.value));
  slider.onchange = () => field.commit(Number(slider.value));
  text.onchange = () => {
    if (text.value === "") text.value = Number(slider.value);
    slider.value = text.value;
    field.commit(Number(text.value));
  };
  field.tell = ({ label }) => {
    box.querySelector("span").textContent = label;
    slider.setAttribute("aria-label", label);
  };
  field.set = (value) => {
    if (Number(text.value) !== value || text.value === "") text.value = value;
    if (slider !== slider.getRootNode().activeElement) slider.value = value;
  };
  return field;
}

function choice(row) {
  const box = document.createElement("div");
  box.innerHTML = `<label class="choice"><span></span><select></select></label>`;
  const select = box.querySelector("select");
  for (const [value] of row.options) select.append(new Option(value, value));
  const field = { box };
  select.onchange = () => field.commit(select.value);
  field.tell = ({ label, options }) => {
    box.querySelector("span").textContent = label;
    options.forEach(([, text], i) => (select.options[i].text = text));
  };
  field.set = (value) => (select.value = value);
  return field;
}
