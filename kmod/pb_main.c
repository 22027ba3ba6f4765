// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control device. One owner at a time, the process that opened it; the
 * file alone is not enough, so that a child that inherits it can do nothing.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "pb_abi.h"
#include "pb_arch.h"
#include "pb_field.h"
#include "pb_mech.h"
#include "pb_pmu.h"
#include "pb_selftest.h"
#include "pb_session.h"
#include "pb_set.h"
#include "pb_slot.h"
#include "pb_window.h"
#include "pb_work.h"

struct pb_device {
	atomic_t opened;
	struct mutex lock;	/* serializes requests */
	struct pid *owner;	/* thread group that opened it */
	bool has_pmu;
	struct pb_session session;
	struct pb_set_state set;
};

static struct pb_device pb_device = {
	.opened = ATOMIC_INIT(0),
	.lock = __MUTEX_INITIALIZER(pb_device.lock),
};

static int pb_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (atomic_cmpxchg(&pb_device.opened, 0, 1))
		return -EBUSY;
	memset(&pb_device.session, 0, sizeof(pb_device.session));
	pb_device.owner = get_pid(task_tgid(current));
	pb_device.has_pmu = !pb_pmu_open();
	return 0;
}

static int pb_release(struct inode *inode, struct file *file)
{
	bool stuck;

	mutex_lock(&pb_device.lock);
	if (pb_device.session.mech)
		pb_session_detach(&pb_device.session);
	if (pb_device.set.ops)
		pb_set_clear(&pb_device.set);
	pb_slot_release();
	pb_pmu_close();
	put_pid(pb_device.owner);
	pb_device.owner = NULL;
	stuck = pb_device.session.mech || pb_device.set.ops;
	mutex_unlock(&pb_device.lock);
	if (stuck)	/* what is still registered calls our text */
		__module_get(THIS_MODULE);
	else
		atomic_set(&pb_device.opened, 0);
	return 0;
}

/* What a request brings, and takes back. */
union pb_argument {
	struct pb_info info;
	struct pb_attach attach;
	struct pb_evidence evidence;
	struct pb_window window;
	struct pb_selftest selftest;
	struct pb_set set;
	struct pb_set_handler set_handler;
	struct pb_set_totals set_totals;
	struct pb_set_read set_read;
	struct pb_set_evidence set_evidence;
	struct pb_set_ticks set_ticks;
	struct pb_field_sites field_sites;
	struct pb_field_window field_window;
	struct pb_field_handler field_handler;
};

static int pb_do_info(struct pb_device *d, union pb_argument *arg)
{
	arg->info = (struct pb_info) {
		.abi_version = PB_ABI_VERSION,
		.features = pb_mech_features() |
			    (d->has_pmu ? PB_FEATURE_PMU : 0),
		.max_calls = PB_MAX_CALLS,
		.max_window_ns = PB_MAX_WINDOW_NS,
		.probation_calls = PB_PROBATION_CALLS,
		.warmup_calls = PB_WARMUP_CALLS,
		.tsc_khz = pb_arch_clock_khz(),
	};
	return 0;
}

static int pb_do_set_evidence(struct pb_device *d, union pb_argument *arg)
{
	struct pb_set_evidence *look = &arg->set_evidence;

	if (look->reserved || look->evidence.when || look->evidence.reserved)
		return -EINVAL;
	return pb_set_look(&d->set, look->index, &look->evidence);
}

/* The others hand over what they got. */
#define PB_DEFINE_ACT(name, call)						\
static int pb_do_##name(struct pb_device *d, union pb_argument *arg)		\
{										\
	return call;								\
}

PB_DEFINE_ACT(attach, pb_session_attach(&d->session, &arg->attach))
PB_DEFINE_ACT(select, pb_session_select(&d->session, &arg->attach))
PB_DEFINE_ACT(detach, pb_session_detach(&d->session))
PB_DEFINE_ACT(evidence, pb_session_evidence(&d->session, &arg->evidence))
PB_DEFINE_ACT(window, pb_session_window(&d->session, &arg->window))
PB_DEFINE_ACT(selftest, pb_selftest_run(&arg->selftest))
PB_DEFINE_ACT(set_define, pb_set_define(&d->set, &arg->set))
PB_DEFINE_ACT(set_arm, pb_set_arm(&d->set))
PB_DEFINE_ACT(set_handler, pb_set_use_handler(&d->set, &arg->set_handler))
PB_DEFINE_ACT(set_totals, pb_set_totals(&d->set, &arg->set_totals))
PB_DEFINE_ACT(set_read, pb_set_read(&d->set, &arg->set_read))
PB_DEFINE_ACT(set_disarm, pb_set_disarm(&d->set))
PB_DEFINE_ACT(set_clear, pb_set_clear(&d->set))
PB_DEFINE_ACT(set_ticks, pb_set_step_ticks(&arg->set_ticks))
PB_DEFINE_ACT(field_sites, pb_field_sites(&arg->field_sites))
PB_DEFINE_ACT(field_window, pb_field_window(&d->set, &arg->field_window))
PB_DEFINE_ACT(field_handler, pb_field_handler(&arg->field_handler))

/* What a request may not find. */
#define PB_NO_PROBE	BIT(0)	/* an attached probe */
#define PB_NO_SET	BIT(1)	/* a set */
/* What a request does. */
#define PB_ARMS		BIT(2)	/* arms something, or changes what is armed */

struct pb_request {
	unsigned int cmd;	/* says the size and the direction of its argument */
	unsigned int flags;
	int (*act)(struct pb_device *d, union pb_argument *arg);
};

#define PB_REQUEST(name, flags, act) \
	[_IOC_NR(PB_IOC_##name)] = { PB_IOC_##name, flags, act }

static const struct pb_request pb_requests[] = {
	PB_REQUEST(INFO, 0, pb_do_info),
	PB_REQUEST(ATTACH, PB_NO_SET | PB_ARMS, pb_do_attach),
	PB_REQUEST(DETACH, PB_ARMS, pb_do_detach),
	PB_REQUEST(EVIDENCE, 0, pb_do_evidence),
	PB_REQUEST(WINDOW, 0, pb_do_window),
	PB_REQUEST(SELFTEST, PB_NO_PROBE | PB_NO_SET, pb_do_selftest),
	PB_REQUEST(SELECT, PB_ARMS, pb_do_select),
	PB_REQUEST(SET_DEFINE, PB_NO_PROBE | PB_ARMS, pb_do_set_define),
	PB_REQUEST(SET_ARM, PB_ARMS, pb_do_set_arm),
	PB_REQUEST(SET_HANDLER, PB_ARMS, pb_do_set_handler),
	PB_REQUEST(SET_TOTALS, 0, pb_do_set_totals),
	PB_REQUEST(SET_READ, 0, pb_do_set_read),
	PB_REQUEST(SET_EVIDENCE, 0, pb_do_set_evidence),
	PB_REQUEST(SET_DISARM, PB_ARMS, pb_do_set_disarm),
	PB_REQUEST(SET_CLEAR, PB_ARMS, pb_do_set_clear),
	PB_REQUEST(SET_TICKS, 0, pb_do_set_ticks),
	PB_REQUEST(FIELD_SITES, 0, pb_do_field_sites),
	PB_REQUEST(FIELD_WINDOW, 0, pb_do_field_window),
	PB_REQUEST(FIELD_HANDLER, 0, pb_do_field_handler),
};

static int pb_serve(struct pb_device *d, const struct pb_request *request,
		    void __user *user)
{
	static union pb_argument arg;	/* under the lock; too large for the stack */
	unsigned int cmd = request->cmd;
	int err;

	if ((request->flags & PB_NO_PROBE && d->session.mech) ||
	    (request->flags & PB_NO_SET && d->set.ops))
		return -EBUSY;
	if (_IOC_DIR(cmd) & _IOC_WRITE && copy_from_user(&arg, user, _IOC_SIZE(cmd)))
		return -EFAULT;
	if (request->flags & PB_ARMS)
		pb_window_forget(&d->session);
	err = request->act(d, &arg);
	if (!err && _IOC_DIR(cmd) & _IOC_READ &&
	    copy_to_user(user, &arg, _IOC_SIZE(cmd)))
		err = -EFAULT;
	return err;
}

static long pb_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	unsigned int nr = _IOC_NR(cmd);
	long err;

	if (task_tgid(current) != pb_device.owner)
		return -EPERM;
	if (nr >= ARRAY_SIZE(pb_requests) || !pb_requests[nr].act ||
	    pb_requests[nr].cmd != cmd)
		return -ENOTTY;
	err = mutex_lock_interruptible(&pb_device.lock);
	if (err)
		return err;
	err = pb_serve(&pb_device, &pb_requests[nr], (void __user *)arg);
	mutex_unlock(&pb_device.lock);
	return err;
}

static const struct file_operations pb_fops = {
	.owner = THIS_MODULE,
	.open = pb_open,
	.release = pb_release,
	.unlocked_ioctl = pb_ioctl,
};

static struct miscdevice pb_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = PB_DEVICE_NAME,
	.fops = &pb_fops,
	.mode = 0600,
};

static int __init pb_init(void)
{
	int err;

	if (!pb_arch_has_instructions()) {
		pr_err("probebench: this CPU lacks an instruction of the probe sites\n");
		return -ENODEV;
	}
	err = pb_work_init();
	if (err)
		return err;
	err = misc_register(&pb_misc);
	if (err)
		goto free_work;
	return 0;

free_work:
	pb_work_exit();
	return err;
}

static void __exit pb_exit(void)
{
	misc_deregister(&pb_misc);
	pb_work_exit();
}

module_init(pb_init);
module_exit(pb_exit);

MODULE_DESCRIPTION("probebench: probe sites, mechanisms and the measured loop");
MODULE_LICENSE("GPL");
