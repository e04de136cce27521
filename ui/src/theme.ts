import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

const sea: MantineColorsTuple = [
  '#e6fafd',
  '#d2f1f6',
  '#a6e2ec',
  '#77d2e1',
  '#52c4d8',
  '#3bbcd3',
  '#1098ad',
  '#0c8599',
  '#0b7285',
  '#095c6b',
]

/** From text to ground, with a little blue in it. */
const dark: MantineColorsTuple = [
  '#d5dade',
  '#a9b1b8',
  '#8d969e',
  '#69727c',
  '#3d464d',
  '#333b41',
  '#252b30',
  '#1c2125',
  '#14181b',
  '#0e1113',
]

export const theme = createTheme({
  colors: { sea, dark },
  primaryColor: 'sea',
  primaryShade: 8,
  // White on the lighter shades would be too faint to read.
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace',
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.6rem' }, h2: { fontSize: '1.15rem' }, h3: { fontSize: '1rem' } },
  },
  components: {
    // The `header` of a dialogue would be a second banner of the page to screen readers.
    ModalHeader: { defaultProps: { role: 'presentation' } },
    DrawerHeader: { defaultProps: { role: 'presentation' } },
  },
})

/** Greys that are read on their ground with a contrast of 4.5 and more (WCAG AA), and the colours of states. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#4f5862',
    '--mantine-color-placeholder': '#69727c',
    '--mantine-color-error': '#c92a2a',
    '--rollcall-ground': '#f5f7f8',
    '--rollcall-surface': '#ffffff',
    '--rollcall-line': '#dde2e6',
    '--rollcall-ok': '#2b8a3e',
    '--rollcall-warn': '#b35c00',
    '--rollcall-bad': '#c92a2a',
    '--rollcall-idle': '#69727c',
    '--rollcall-new': '#1864ab',
    '--rollcall-fresh': '#d2f1f6',
    '--rollcall-bar': '#52a3b3',
    '--rollcall-bar-now': '#095c6b',
  },
  dark: {
    '--mantine-color-dimmed': '#a9b1b8',
    '--mantine-color-placeholder': '#8d969e',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-body': '#14181b',
    '--rollcall-ground': '#14181b',
    '--rollcall-surface': '#1c2125',
    '--rollcall-line': '#333b41',
    '--rollcall-ok': '#51cf66',
    '--rollcall-warn': '#ffa94d',
    '--rollcall-bad': '#ff8787',
    '--rollcall-idle': '#8d969e',
    '--rollcall-new': '#74c0fc',
    '--rollcall-fresh': '#0e3a44',
    '--rollcall-bar': '#1a7f90',
    '--rollcall-bar-now': '#77d2e1',
  },
})
