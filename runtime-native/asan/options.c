/* Linked into the sanitized build only: the zygote's stderr is /dev/null, so findings go to files. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void)
{
	return "log_path=/tmp/gantry-asan:detect_leaks=0:abort_on_error=1";
}

const char *__ubsan_default_options(void)
{
	return "log_path=/tmp/gantry-ubsan:print_stacktrace=1:abort_on_error=1";
}
