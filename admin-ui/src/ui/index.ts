/**
 * The look: tokens, small components without knowledge of records, toasts and dialogs.
 * Never fetches, never translates: texts come in as props. Element-plus controls come from `ui/element.ts`.
 */
export { default as Avatar } from './Avatar.vue';
export { default as ColorDot } from './ColorDot.vue';
export { default as ConfirmDialog } from './ConfirmDialog.vue';
export { default as DialogFrame } from './DialogFrame.vue';
export { default as EmptyState } from './EmptyState.vue';
export { default as ErrorState } from './ErrorState.vue';
export { default as Icon } from './Icon.vue';
export { default as KeyHint } from './KeyHint.vue';
export { default as MenuButton } from './MenuButton.vue';
export { default as MoveButtons } from './MoveButtons.vue';
export { default as OptionPill } from './OptionPill.vue';
export { default as PageHeader } from './PageHeader.vue';
export { default as PopoverButton } from './PopoverButton.vue';
export { default as SideFrame } from './SideFrame.vue';
export { default as Skeleton } from './Skeleton.vue';
export { default as ToastStack } from './ToastStack.vue';
export type { MenuEntry } from './menu.js';
export type { ConfirmInput, ToastInput } from './feedback.js';
export { confirm, toast } from './feedback.js';
export { iconOf } from './icons.js';
export { keepFocus } from './keep-focus.js';
export { passEscape } from './pass-escape.js';
export { colorOfText, initialsOf, optionColors } from './option-colors.js';
export type { DensityChoice } from './density.js';
export { useDensity } from './density.js';
export type { ThemeChoice } from './theme.js';
export { useTheme } from './theme.js';
export { useMediaQuery } from './use-media-query.js';
