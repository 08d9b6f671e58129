/* config.h of the small image's tcc: musl's headers and library, our own start files. */
#define TCC_VERSION "0.9.27"
#define CONFIG_TCCDIR "/usr/lib/tcc"
#define CONFIG_TCC_STATIC 1
#define CONFIG_TCC_ELFINTERP "/lib/ld-musl-riscv64.so.1"
#define CONFIG_TCC_CRTPREFIX "/usr/lib/tcc"
#define CONFIG_TCC_SYSINCLUDEPATHS "{B}/include:/usr/include/riscv64-linux-musl"
#define CONFIG_TCC_LIBPATHS "/usr/lib/riscv64-linux-musl:{B}"
#define GCC_MAJOR 12
#define GCC_MINOR 2
#define HOST_Linux 1
