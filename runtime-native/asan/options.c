/* Linked into the sanitized builds only: the zygote's stderr is /dev/null, so findings go to files. Leaks are not
 * looked for: processes that have left the host's tree behind have no /proc to look into, and end soon. */
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
