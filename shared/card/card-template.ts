/** The default card; `card.template` may name another one. */
export const cardTemplate = `# Model Card: {{name}} {{version}}
{{#if description}}

{{description}}
{{/if}}

## Model Details

- **Developer:** {{developer}}
- **Date:** {{date}}
- **Version:** {{version}}
- **Type:** {{type}}
{{#if license}}- **License:** {{license}}
{{/if}}

## Intended Use

- **Primary use:** {{intendedUse}}
- **Users:** {{users}}
- **Out of scope:** {{outOfScope}}

## Training Data

- **Source:** {{source}}
- **Size:** {{size}}
- **Split:** {{split}}
{{#if contract}}- **Contract:** {{contract}}
{{/if}}

## Evaluation

{{evaluation}}
{{#if metrics}}

{{metrics}}
{{/if}}{{#if slices}}

### By slice

{{slices}}
{{/if}}{{#if reported}}

Reported by the training script of itself: {{reported}}.
{{/if}}

## Limitations

{{limitations}}
{{#if visible}}

{{visible}}
{{/if}}

## Ethical Considerations

{{ethics}}
{{#if bias}}

{{bias}}
{{/if}}

## Lineage

{{#each lineage}}- **{{name}}:** {{value}}
{{/each}}

## Verdict

{{verdict}}
{{#if gates}}

{{gates}}
{{/if}}
`;
