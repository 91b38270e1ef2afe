// Breaking things: the fields of the kind that is chosen, as the lab's own schema names them.
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useMemo, useState } from "react";
import type { Deployment } from "../contract.ts";
import { Outcome, useActing } from "./act.tsx";
import { type Field, faultKinds, faultOf } from "./fault-fields.ts";
import { steer } from "./steer.ts";

interface Props {
  readonly schema: unknown;
  readonly deployment: Deployment;
}

type Values = Readonly<Record<string, string>>;

export function FaultForm({ schema, deployment }: Props) {
  // The schema arrives anew with each state, and is the same.
  const text = JSON.stringify(schema);
  const kinds = useMemo(() => faultKinds(JSON.parse(text)), [text]);
  const [kind, setKind] = useState("region-down");
  const [values, setValues] = useState<Values>({});
  const acting = useActing();
  const chosen = kinds.find((one) => one.kind === kind) ?? kinds[0];
  if (chosen === undefined) return null;
  const filled = { ...defaultsOf(chosen.fields, deployment), ...values };
  return (
    <SpaceBetween size="m">
      <Choice
        label="What breaks"
        value={chosen.kind}
        choices={kinds.map((one) => one.kind)}
        choose={(value) => {
          setKind(value);
          setValues({});
        }}
      />
      {chosen.fields.map((field) => (
        <FieldAsked
          key={field.name}
          field={field}
          deployment={deployment}
          value={filled[field.name] ?? ""}
          set={(value) => setValues({ ...values, [field.name]: value })}
        />
      ))}
      <Button
        loading={acting.isBusy}
        onClick={() => void acting.act(() => steer("faults", { fault: faultOf(chosen, filled) }))}
      >
        Break it
      </Button>
      <Outcome acting={acting} />
    </SpaceBetween>
  );
}

/** What must be given is given; the primary is what one wants to see fail. */
function defaultsOf(fields: readonly Field[], { primary, secondary }: Deployment): Values {
  const needed = fields.filter(({ isRequired }) => isRequired);
  return Object.fromEntries(
    needed.map(({ name, kind, choices }) => {
      if (kind === "pair") return [name, `${primary} ${secondary}`];
      if (kind === "region") return [name, name === "to" ? secondary : primary];
      return [name, choices[0] ?? ""];
    }),
  );
}

interface FieldProps {
  readonly field: Field;
  readonly deployment: Deployment;
  readonly value: string;
  set(value: string): void;
}

function FieldAsked({ field, deployment, value, set }: FieldProps) {
  const { name, kind, isRequired, choices, hint } = field;
  const label = isRequired ? name : `${name} (optional)`;
  const { primary, secondary, witness } = deployment;
  const regions = [primary, secondary, witness];
  switch (kind) {
    case "region":
      return <Choice label={label} value={value} choices={regions} choose={set} />;
    case "pair": {
      const pairs = regions.flatMap((one) =>
        regions.filter((other) => other !== one).map((other) => `${one} ${other}`),
      );
      return <Choice label={label} value={value} choices={pairs} choose={set} />;
    }
    case "choice": {
      const all = isRequired ? choices : ["", ...choices];
      return <Choice label={label} value={value} choices={all} choose={set} />;
    }
    case "switch":
      return (
        <Toggle checked={value === "true"} onChange={({ detail }) => set(String(detail.checked))}>
          {name}
        </Toggle>
      );
    default:
      return (
        <FormField label={label} constraintText={hint}>
          <Input
            value={value}
            inputMode={kind === "number" ? "decimal" : "text"}
            onChange={({ detail }) => set(detail.value)}
          />
        </FormField>
      );
  }
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly string[];
  choose(value: string): void;
}

export function Choice({ label, value, choices, choose }: ChoiceProps) {
  const options = choices.map((one) => ({ value: one, label: one === "" ? "–" : one }));
  return (
    <FormField label={label}>
      <Select
        options={options}
        selectedOption={options.find((option) => option.value === value) ?? null}
        onChange={({ detail }) => choose(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}
