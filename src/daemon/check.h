/* SPDX-License-Identifier: Apache-2.0 */
/* For --check-config: what a start would read and use besides the configuration file. */
#pragma once
#include "core/config.h"
G_BEGIN_DECLS

/* NULL if all is right; else a line for each of password file, database_config.json, the names of
 * hosts in it and run directory that is not. Changes nothing; names are looked up, which may take
 * as long as the name server does. Free with g_free. */
char *ps_check_surroundings (const PsConfig *config);
G_END_DECLS
