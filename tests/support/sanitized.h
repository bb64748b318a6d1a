/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this build, and so the daemon that it tests, has AddressSanitizer in it: slower, larger,
 * with an allocator and last words of its own. */
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define PS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PS_SANITIZED 1
#endif
#endif
