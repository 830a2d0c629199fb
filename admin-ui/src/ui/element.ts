/** The controls of element-plus that we use; their CSS is `element-css.ts`. Everybody imports them from here. */
export { ElConfigProvider } from 'element-plus/es/components/config-provider/index';
export { ElDatePicker } from 'element-plus/es/components/date-picker/index';
export { ElInput } from 'element-plus/es/components/input/index';
export { ElOption, ElSelect } from 'element-plus/es/components/select/index';
export { ElProgress } from 'element-plus/es/components/progress/index';
export { ElRate } from 'element-plus/es/components/rate/index';
export { ElSwitch } from 'element-plus/es/components/switch/index';
