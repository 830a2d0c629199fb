/**
 * The precompiled CSS of the controls of element-plus that we use. Loaded with the application, before our own: what is ours
 * then wins, whenever the controls themselves arrive.
 */
import 'element-plus/es/components/base/style/css';
import 'element-plus/es/components/date-picker/style/css';
import 'element-plus/es/components/input/style/css';
import 'element-plus/es/components/option/style/css';
import 'element-plus/es/components/progress/style/css';
import 'element-plus/es/components/rate/style/css';
import 'element-plus/es/components/select/style/css';
import 'element-plus/es/components/switch/style/css';
