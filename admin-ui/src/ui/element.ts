/** The controls of element-plus that we use, each with its precompiled CSS. Everybody imports them from here. */
import 'element-plus/es/components/base/style/css';
import 'element-plus/es/components/date-picker/style/css';
import 'element-plus/es/components/input/style/css';
import 'element-plus/es/components/option/style/css';
import 'element-plus/es/components/progress/style/css';
import 'element-plus/es/components/rate/style/css';
import 'element-plus/es/components/select/style/css';
import 'element-plus/es/components/switch/style/css';

export { ElConfigProvider } from 'element-plus/es/components/config-provider/index';
export { ElDatePicker } from 'element-plus/es/components/date-picker/index';
export { ElInput } from 'element-plus/es/components/input/index';
export { ElOption, ElSelect } from 'element-plus/es/components/select/index';
export { ElProgress } from 'element-plus/es/components/progress/index';
export { ElRate } from 'element-plus/es/components/rate/index';
export { ElSwitch } from 'element-plus/es/components/switch/index';
