/* Hides AVX-512 and AMX from a program on Linux, so that an engine can be measured as on a processor without them:
 *
 *     cc -O2 -shared -fPIC -o without_avx512.so without_avx512.c
 *     LD_PRELOAD=./without_avx512.so program
 *
 * Lets the instruction cpuid fault (arch_prctl(2), ARCH_CPUID) and answers it with those bits cleared. Needs a processor with
 * cpuid_fault in /proc/cpuinfo. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_CPUID 0x1012

static int allow_cpuid(unsigned long allowed) { return (int)syscall(SYS_arch_prctl, ARCH_CPUID, allowed); }

static void on_fault(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const unsigned char *code = (const unsigned char *)registers[REG_RIP];
    (void)info;
    if (code[0] != 0x0F || code[1] != 0xA2) { /* some other fault */
        signal(number, SIG_DFL);
        return;
    }
    unsigned leaf = (unsigned)registers[REG_RAX], sub = (unsigned)registers[REG_RCX], a, b, c, d;
    allow_cpuid(1);
    __cpuid_count(leaf, sub, a, b, c, d);
    allow_cpuid(0);
    if (leaf == 7 && sub == 0) {
        b &= ~(1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31);
        c &= ~(1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14);
        d &= ~(1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25);
    } else if (leaf == 7 && sub == 1) {
        a &= ~(1u << 5 | 1u << 21);
    }
    registers[REG_RAX] = a;
    registers[REG_RBX] = b;
    registers[REG_RCX] = c;
    registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void hide(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (sigaction(SIGSEGV, &action, NULL) != 0 || allow_cpuid(0) != 0) {
        perror("AVX-512 cannot be hidden");
        exit(1);
    }
}
