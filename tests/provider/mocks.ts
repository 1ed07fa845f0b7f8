import * as pulumi from "@pulumi/pulumi";
import type { Json } from "./support";

/** A resource that a program declared, as Pulumi's engine would hear of it. */
export interface Declared {
  type: string;
  name: string;
  inputs: Json;
}

/** Runs programs without an engine: resources answer with their inputs and what `outputs` adds. */
export class Program {
  readonly declared: Declared[] = [];

  /** @param preview outputs that are not given are then unknown, as in `pulumi preview` */
  static start(
    outputs: (resource: Declared) => Json = () => ({}),
    options: { preview?: boolean; organization?: string } = {},
  ): Promise<Program> {
    return new Program().start(outputs, options);
  }

  private async start(
    outputs: (resource: Declared) => Json,
    { preview, organization }: { preview?: boolean; organization?: string },
  ): Promise<this> {
    pulumi.runtime.setAllConfig({});
    const newResource = ({ type, name, inputs, id }: Json) => {
      const resource = { type, name, inputs };
      this.declared.push(resource);
      return { id: id || `${name}-id`, state: { ...inputs, ...outputs(resource) } };
    };
    await pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs }, "acme", "dev", preview, organization);
    return this;
  }

  of(type: string): Declared[] {
    return this.declared.filter((resource) => resource.type.endsWith(type));
  }
}

/** The value of an output; undefined while a preview does not know it. */
export async function settled<T>(output: pulumi.Input<T>): Promise<T | undefined> {
  const { isKnown, promise } = pulumi.output(output) as unknown as { isKnown: Promise<boolean>; promise(): Promise<T> };
  return (await isKnown) ? promise() : undefined;
}
